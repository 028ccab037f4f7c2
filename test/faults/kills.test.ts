// SIGKILL at random moments, under load: several requests at once, a committee that votes on all of them, each ballot twice. After the
// last kill: nothing lost, nothing doubled, the same hashes. KILLS=200 is the full drill and says how far it is;
// KILL_SECONDS ends it earlier, and so does a slow machine in the suite.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventHash } from '../../functions/domain/digest.ts';
import { type PromotionRequest, type RequestId, requestIdOf } from '../../functions/domain/request.ts';
import { SealRow } from '../../functions/domain/rows.ts';
import { judge } from '../../functions/gate/gate.ts';
import { countersign } from '../support/command.ts';
import { Crowd, type Work } from '../support/crowd.ts';
import { trustIn } from '../support/evidence.ts';
import { expectSealedOnce } from '../support/faults-play.ts';
import { copyOf, dataFolder, inProcess, type Serving, serve } from '../support/faults-server.ts';
import { built, manifestAt, upload } from '../support/promote.ts';
import { generator } from '../support/sim/turns.ts';

const TOLD = process.env['KILLS'] !== undefined;
const KILLS = Number(process.env['KILLS'] ?? 12);
const KILL_SECONDS = Number(process.env['KILL_SECONDS'] ?? (TOLD ? 7200 : 40));
const FEWEST = 4;
const SEED = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A server dies a moment after it took so many requests, rationales and votes, or fewer: a slow machine sees the same. */
const MOST_TAKEN = 6;
const AFTER_MS = 120_000;

const LINES = ['01-in-band-retrain', '02-threshold-moved', '03-feature-known-family', '09-model-class', '12-no-incumbent'];

let data: string;
let baseUrl: string;
const work: Work[] = [];
const requests: PromotionRequest[] = [];

beforeAll(async () => {
  ({ data, baseUrl } = await copyOf(await dataFolder()));
  await inProcess(data, async (world) => {
    for (const line of LINES) {
      const { request, blobs } = await built(world, await manifestAt(`scenarios/${line}/1-v01.yaml`));
      await upload(world, blobs);
      // Told apart by their run alone. They want one head: the last is approved, and what is still judged then is stale.
      const each = Math.max(3, Math.ceil(KILLS / 4));
      for (let n = 1; n <= each; n++) {
        const one = { ...request, pipelineRun: { ...request.pipelineRun, id: `run-${n}` } };
        work.push({ request: one, over: n === each ? 'approve' : 'return' });
      }
    }
  });
}, 120_000);
afterAll(() => inProcess(data, (world) => world.close()));

/** Hashes of what is sealed by now. */
const sealedBy = (found: Map<RequestId, EventHash>, crowd: Crowd) =>
  inProcess(data, async ({ index }) => {
    for (const id of crowd.received) {
      const seal = await index.get({ pk: `REQ#${id}`, sk: 'seal' });
      if (seal === undefined) continue;
      const { eventHash } = SealRow.parse(seal.body);
      expect(found.get(id) ?? eventHash).toBe(eventHash);
      found.set(id, eventHash);
    }
  });

describe('R3 R10 R13 R22 kill -9 at random moments under load', () => {
  it(`up to ${KILLS} times: nothing lost, nothing doubled, the same hashes`, {
    timeout: KILLS * 20_000 + 240_000,
  }, async () => {
    const draw = generator(SEED);
    const crowd = new Crowd(baseUrl);
    const hashes = new Map<RequestId, EventHash>();
    const began = performance.now();
    const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
    let failed: unknown;
    const load = crowd.work(work).catch((error: unknown) => {
      failed = error;
    });
    let serving: Serving | undefined;
    let lives = 0;
    try {
      let kills = 0;
      const over = () => kills >= KILLS || (kills >= FEWEST && performance.now() - began > KILL_SECONDS * 1000);
      for (; !over() && failed === undefined; kills++) {
        serving = await serve(data, baseUrl);
        const before = crowd.taken.size;
        await crowd.heard(draw(MOST_TAKEN), 8000);
        await sleep(draw(80));
        await serving.kill();
        crowd.forgetSessions();
        if (crowd.taken.size > before) lives++;
        if (kills % 10 === 9) await sealedBy(hashes, crowd);
        if (TOLD && kills % 10 === 9)
          say(`${kills + 1} kills, ${seconds()} s, ${crowd.taken.size} votes, ${hashes.size} sealed`);
      }
      const calm = performance.now();
      const during = crowd.taken.size;
      await sealedBy(hashes, crowd);
      const early = hashes.size;
      crowd.closing = true;
      serving = await serve(data, baseUrl);
      await Promise.race([load, sleep(AFTER_MS, undefined, { ref: false })]);
      expect([failed, crowd.busy], 'everybody comes to an end once the server lives').toEqual([undefined, '']);
      for (const { request } of work) if (crowd.received.has(requestIdOf(request))) requests.push(request);
      for (const one of crowd.taken) {
        const [id = '', voter = ''] = one.split(' ');
        expect(await crowd.again(id as RequestId, voter), `${one}, sent once more`).toBe(303);
      }
      await expectAllSealed(crowd);
      await serving.kill();
      await sealedBy(hashes, crowd);
      expect(hashes.size).toBe(requests.length);
      const outcomes = await expectEnd(crowd);
      expect(during, 'people vote between the kills').toBeGreaterThanOrEqual(kills / 2);
      const late = ((performance.now() - calm) / 1000).toFixed(0);
      const told = (counts: ReadonlyMap<unknown, number>) => [...counts].map(([what, n]) => `${n} × ${what}`).join(', ');
      say(
        `seed ${SEED}, ${kills} in ${seconds()} s, ${late} s of them after the last; ${requests.length} requests (${told(outcomes)}), ${crowd.taken.size} votes (${during} between kills in ${lives} lives, ${early} requests sealed between kills); answers ${told(crowd.answers)}`,
      );
    } finally {
      crowd.stopped = true;
      await serving?.kill();
      await load;
    }
  });
});

const say = (text: string) => void process.stdout.write(`kills: ${text}\n`);

/** Until every request came to its end, by votes or by another that was first. */
async function expectAllSealed(crowd: Crowd): Promise<void> {
  for (const request of requests) await crowd.sealed(requestIdOf(request));
}

/** Answers how many came to which end. */
async function expectEnd(crowd: Crowd): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  await inProcess(data, async (world) => {
    let voteObjects = 0;
    for await (const _ of world.vault.list('votes/')) voteObjects++;
    let voteRows = 0;
    for (const request of requests) {
      const id = requestIdOf(request);
      const sealed = await expectSealedOnce(world, id);
      voteRows += sealed.votes.length;
      const outcome = sealed.decision?.outcome ?? 'none';
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      // Whoever was answered "ok" is counted, under their own name.
      expect(sealed.decision?.votes).toEqual(sealed.votes.map(({ voteKey }) => voteKey).sort());
      const taken = [...crowd.taken].filter((one) => one.startsWith(`${id} `));
      expect(sealed.votes.length).toBeGreaterThanOrEqual(taken.length);
      const { line, model } = request;
      const question = { event: sealed.hash, root: model.root, manifest: model.manifest, line, environment: 'sandbox' };
      const { verdict } = await judge(world, question, trustIn(world, { issuers: [`${baseUrl}/idp`] }));
      expect(verdict).toBe(outcome === 'approved' ? 'allow' : 'deny');
    }
    expect(voteObjects).toBeGreaterThanOrEqual(voteRows);
    expect(await world.index.list('UNLOGGED')).toEqual([]);
    expect(await world.index.list('OPEN')).toEqual([]);
  });
  expect(await countersign(['audit', '--data', data])).toMatchObject({ exit: 0 });
  return outcomes;
}
