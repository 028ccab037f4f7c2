// Two hundred people vote at once, over HTTP and into the product's own stores, beside the bare insert of the same rows.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { serve } from '@hono/node-server';
import { InlineWorkflow } from '../../functions/adapters/local/inline-workflow.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { VoteRow } from '../../functions/domain/rows.ts';
import { voteObjectKey } from '../../functions/domain/vault-keys.ts';
import { drive } from '../../functions/drive.ts';
import type { Identified } from '../../functions/ports.ts';
import { appOf, type TestApp } from '../support/app.ts';
import { asking, manifestOf, shownTo } from '../support/faults-races.ts';
import { ballotFor, dossierOf, promote } from '../support/promote.ts';
import { identified, openWorld, signedInNow, type TestWorld } from '../support/world.ts';
import { progress } from './harness.ts';

const COMMITTEE = '09-model-class/2-v09.yaml';
/** Ten people a request: a committee of two hundred sits nowhere. */
const REQUESTS = 20;
const VOTERS = Array.from({ length: 200 }, (_, i) => identified('person', `person-${i}`, ['model-risk@retail-credit']));

/** Abstentions: stored like every other vote, and the request goes on waiting, so that all two hundred are let in. */
const CHOICE = 'abstain';

type Round = { readonly perSecond: number; readonly p50: number; readonly p99: number; readonly bare: number };

export async function voteNotes(rounds: number): Promise<string[]> {
  const found: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    found.push(await oneRound());
    progress(`votes: ${round + 1} of ${rounds}`, round + 1 === rounds);
  }
  const spread = (of: (round: Round) => number): string => {
    const sorted = found.map(of).sort((a, b) => a - b);
    const [min = 0, median = 0, max = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    return `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`;
  };
  return [
    `200 voters at once: ${spread(({ perSecond }) => perSecond)} votes a second, ` +
      `p50 ${spread(({ p50 }) => p50)} ms, p99 ${spread(({ p99 }) => p99)} ms`,
    `bare SQLite insert of the same rows: ${spread(({ bare }) => bare)} a second; ` +
      `a vote takes ${spread(({ bare, perSecond }) => bare / perSecond)} of them`,
  ];
}

async function oneRound(): Promise<Round> {
  const world = await openWorld({ journal: true });
  const workflow = new InlineWorkflow(
    async (id) => void (await drive(world, id)),
    (_id, error) => {
      throw error;
    },
  );
  const app = appOf({ ...world, workflow: { wake: (id) => workflow.wake(id) } });
  const server = serve({ fetch: (asked) => app.fetch(asked), hostname: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: VOTERS.length });
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await promote(world, await manifestOf('01-in-band-retrain/1-v01.yaml'));
    const ids: RequestId[] = [];
    for (let n = 0; n < REQUESTS; n++) ids.push(await asking(world, COMMITTEE, `run-${n}`));
    // One sign-in for the ballot and its page: the test's clock moves at each look.
    const people = VOTERS.map((one) => signedInNow(world, one));
    const forms = new Map<RequestId, string>();
    for (const id of ids) forms.set(id, await bodyOf(world, app, id));
    const ballots = people.map((person, i) => ({ person, id: ids[i % REQUESTS] as RequestId }));
    for (const { person, id } of ballots) await shownTo(world, id, person);
    const started = performance.now();
    const times = await Promise.all(ballots.map(({ person, id }) => cast(agent, port, id, app, person, forms.get(id) ?? '')));
    const seconds = (performance.now() - started) / 1000;
    await workflow.idle();
    const sorted = times.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { perSecond: VOTERS.length / seconds, p50: at(0.5), p99: at(0.99), bare: await bareInserts(world, ids) };
  } finally {
    agent.destroy();
    server.close();
    await world.close();
  }
}

async function bodyOf(world: TestWorld, app: TestApp, id: RequestId): Promise<string> {
  const { screen, criteria, nonce } = await ballotFor(world, id, CHOICE);
  const ticked = criteria.map(({ code }) => [`criterion.${code}`, 'checked']);
  const fields = { screen, nonce, choice: CHOICE, rationale: 'I know the authors of this model.', csrf: app.csrf };
  return new URLSearchParams({ ...fields, ...Object.fromEntries(ticked) }).toString();
}

/** Milliseconds from sending the form to its answer. */
function cast(agent: Agent, port: number, id: RequestId, app: TestApp, person: Identified, body: string): Promise<number> {
  const headers = { ...app.headersOf(person).session, 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const sent = request(
      { agent, host: '127.0.0.1', port, path: `/requests/${id}/votes`, method: 'POST', headers },
      (answer) => {
        answer.resume();
        answer.on('end', () => {
          if (answer.statusCode === 303) resolve(performance.now() - started);
          else reject(new Error(`a vote was answered ${answer.statusCode}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What a table of votes costs without evidence: the vote's own bytes, one durable transaction each. */
async function bareInserts(world: TestWorld, ids: readonly RequestId[]): Promise<number> {
  const dossiers = await Promise.all(ids.map((id) => dossierOf(world, id)));
  const votes = dossiers.flatMap((one) => one.votes);
  const rows: [string, Uint8Array][] = [];
  for (const { voteKey } of votes.map((row) => VoteRow.parse(row)))
    rows.push([voteKey, (await world.vault.get(voteObjectKey(voteKey))) ?? new Uint8Array()]);
  if (rows.length !== VOTERS.length) throw new Error(`${rows.length} votes were kept of ${VOTERS.length}`);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const db = new DatabaseSync(join(folder, 'votes.db'));
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE votes (id TEXT PRIMARY KEY, body BLOB) STRICT');
    const insert = db.prepare('INSERT INTO votes VALUES (?, ?)');
    const started = performance.now();
    for (const [key, bytes] of rows) insert.run(key, bytes);
    return rows.length / ((performance.now() - started) / 1000);
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}
