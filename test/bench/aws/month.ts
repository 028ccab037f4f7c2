// A month of a large bank in minutes: every line is retrained every night, committees and reviewers take their days, some requests are
// wrong, some are forgotten; functions are deployed again while people decide, and calls fail before or after they took effect.

import { giveRationale } from '../../../functions/approve/rationale.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { factsOf } from '../../../functions/domain/dossier.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { stateOf } from '../../../functions/domain/flow.ts';
import type { PromotionRequest, RequestId } from '../../../functions/domain/request.ts';
import { voteKeyOf } from '../../../functions/domain/vote.ts';
import { sealWaiting } from '../../../functions/drive.ts';
import { receive } from '../../../functions/intake/intake.ts';
import { type Around, leavesSomething } from '../../support/faults.ts';
import { manifestOf } from '../../support/faults-races.ts';
import { memoryClock } from '../../support/memory/clock.ts';
import { type Nights, openNights } from '../../support/nights.ts';
import { built, dossierOf, promote, upload, vote, WHY } from '../../support/promote.ts';
import { generator } from '../../support/sim/turns.ts';
import { ALICE, BOB, CAROL, DAVE, ERIN, PIPELINE, type TestWorld } from '../../support/world.ts';
import { type Cloud, type Container, openCloud } from './cloud.ts';
import { type Answered, type Seen, seenLog, violations } from './invariants.ts';

export type Plan = {
  readonly lines: number;
  readonly days: number;
  /** Function processes at once. */
  readonly containers: number;
  /** One of so many calls fails; 0: none. */
  readonly faultEvery: number;
  /** All functions are replaced after so many days. */
  readonly deployEvery: number;
  readonly seed: number;
};

export type Month = {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly votes: number;
  readonly deploys: number;
  readonly faults: number;
  readonly requests: Readonly<Record<string, number>>;
  readonly entries: number;
  readonly seconds: number;
  readonly wrong: readonly string[];
};

const HOUR = 3_600_000;
const WEEK = 7;
const [FIRST_USE, OTHER_USE] = ['consumer-loans-origination', 'consumer-loans-top-up'];
const LINES = [
  '01-in-band-retrain',
  '02-threshold-moved',
  '03-feature-known-family',
  '04-feature-dropped',
  '05-feature-new-source',
  '06-segment-share-moved',
  '07-segment-never-validated',
  '08-population-psi',
  '09-model-class',
  '10-protected-segment-worse',
];

type Line = { readonly name: string; use: string; wanted: string; committee?: RequestId };

/** Longer than any request may wait for people. */
const LONGEST_DAYS = 400;

class Bank {
  readonly requests = new Set<RequestId>();
  readonly votes = new Map<RequestId, Set<string>>();
  readonly log: Seen[] = [];
  readonly #forgotten = new Set<RequestId>();
  #containers: Container[] = [];
  faults = 0;
  deploys = 0;
  readonly #draw: (below: number) => number;
  readonly #cloud: Cloud;
  readonly #nights: Nights;
  readonly #plan: Plan;

  constructor(cloud: Cloud, nights: Nights, plan: Plan) {
    this.#cloud = cloud;
    this.#nights = nights;
    this.#plan = plan;
    this.#draw = generator(plan.seed);
  }

  /** New processes: what they held in memory is gone, executions and rows are not. */
  deploy(calm = false): void {
    const { containers, faultEvery } = this.#plan;
    const hook: Around = async (call, run) => {
      const fails = !calm && faultEvery > 0 && this.#draw(faultEvery) === 0;
      const after = leavesSomething(call) && this.#draw(2) === 0;
      if (fails) this.faults++;
      const fault = () => new InfrastructureError(`injected at ${call.op} ${call.on}`, { retryable: true });
      if (fails && !after) throw fault();
      const answer = await run();
      if (fails) throw fault();
      return answer;
    };
    this.#containers = Array.from({ length: containers }, () => this.#cloud.container(hook));
    this.deploys++;
  }

  world(of = 0): TestWorld {
    const container = this.#containers[of % this.#containers.length];
    if (container === undefined) throw new Error('a container runs');
    return container.world;
  }

  /** As every client does: the same again, until it is answered. */
  async again<T>(work: () => Promise<T>): Promise<T> {
    for (let turn = 0; ; turn++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof InfrastructureError) || !error.retryable || turn > 20) throw error;
      }
    }
  }

  async announce(line: Line, of: number, name: string, use: string, day: number, change = (_: PromotionRequest) => {}) {
    const world = this.world(of);
    const manifest = await this.#nights.retrain(name, use, day, line.name);
    const { request, blobs } = await this.again(() => built(world, manifest, this.#nights.root));
    change(request);
    await this.again(() => upload(world, blobs));
    const accepted = await this.again(() => receive(world, canonicalBytes(request), PIPELINE));
    if (!accepted.ok) throw new Error(JSON.stringify(accepted.problems));
    const { id } = accepted.value;
    this.requests.add(id);
    await this.again(() => world.run());
    return id;
  }

  /** Everybody who is asked and does not forget it: a rationale at once, then one vote a day. */
  async peopleDecide(): Promise<void> {
    for (const [i, { key }] of (await this.again(() => this.world().index.list('OPEN'))).entries()) {
      const id = key.sk as RequestId;
      const world = this.world(i);
      const dossier = await this.again(() => dossierOf(world, id));
      const state = stateOf(factsOf(dossier));
      if (this.#forgotten.has(id)) continue;
      if (state === 'needsRationale') {
        const given = await this.again(() => giveRationale(world, dossier, WHY, ERIN));
        if (!given.ok) throw new Error(JSON.stringify(given.problems));
        await this.again(() => world.run());
      } else if (state === 'voting') {
        const voter = (dossier.routing?.path === 'reviewer' ? [DAVE] : [ALICE, BOB, CAROL])[dossier.votes.length];
        if (voter === undefined) continue;
        const choice = this.#draw(12) === 0 ? 'reject' : 'approve';
        // A double click now and then.
        for (let click = this.#draw(5) === 0 ? 2 : 1; click > 0; click--) {
          const cast = await this.again(() => vote(world, id, voter, choice));
          if (cast.ok) this.#taken(id, voteKeyOf(id, voter.principal.actor));
        }
      }
    }
  }

  #taken(id: RequestId, key: string): void {
    const taken = this.votes.get(id) ?? new Set();
    this.votes.set(id, taken.add(key));
  }

  forget(id: RequestId): void {
    this.#forgotten.add(id);
  }

  /** The hourly round of the sweep and every timer that is due. */
  async sweep(): Promise<void> {
    const world = this.world();
    for (const { key } of await this.again(() => world.index.list('OPEN'))) world.workflow.wake(key.sk as RequestId);
    await this.again(() => world.run());
    await this.again(() => sealWaiting(world));
    for (const { machine } of this.#containers) await this.again(() => machine.timers());
    await this.again(async () => this.log.push(await seenLog(world)));
  }
}

/** `afterwards`: looks at the stores once more, before their engines are stopped. */
type Watched = {
  readonly told?: (text: string) => void;
  readonly afterwards?: (cloud: Cloud, world: TestWorld, answered: Answered) => Promise<void>;
};

export async function playMonth(plan: Plan, { told = () => undefined, afterwards }: Watched = {}): Promise<Month> {
  const started = performance.now();
  const clock = memoryClock(Date.parse('2026-11-01T08:00:00.000Z'));
  const nights = await openNights(plan.days + 1);
  const cloud = await openCloud(clock);
  try {
    const bank = new Bank(cloud, nights, plan);
    await playDays(bank, plan, clock, told);
    // The faults end; whoever was forgotten expires.
    bank.deploy(true);
    for (let turn = 0; turn < 3; turn++) {
      clock.later(turn === 0 ? HOUR : (LONGEST_DAYS / 2) * 24 * HOUR);
      await bank.sweep();
      await bank.sweep();
    }
    const world = bank.world();
    const outcomes: Record<string, number> = {};
    for (const id of bank.requests) {
      const { decision, routing } = await dossierOf(world, id);
      const name = `${routing?.path ?? 'none'} ${decision?.outcome ?? 'open'}`;
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    const wrong = await violations(cloud, world, bank, bank.log);
    await afterwards?.(cloud, world, bank);
    return {
      outcomes,
      votes: [...bank.votes.values()].reduce((sum, one) => sum + one.size, 0),
      deploys: bank.deploys - 3,
      faults: bank.faults,
      requests: Object.fromEntries([...cloud.requests].sort()),
      entries: bank.log.at(-1)?.size ?? 0,
      wrong,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await cloud.stop();
    await nights.close();
  }
}

async function playDays(bank: Bank, plan: Plan, clock: { later: (ms: number) => void }, told: (text: string) => void) {
  const lines: Line[] = LINES.slice(0, plan.lines).map((name) => ({
    name: `german-credit-${name}`,
    use: FIRST_USE ?? '',
    wanted: OTHER_USE ?? '',
  }));
  // The first of each line, while nothing fails yet.
  bank.deploy(true);
  for (const line of lines) {
    const { decision } = await promote(bank.world(), {
      ...(await manifestOf('01-in-band-retrain/1-v01.yaml')),
      line: line.name,
    });
    if (decision?.outcome !== 'approved') throw new Error(`${line.name} has no first version`);
  }
  bank.deploy();
  for (let day = 1; day <= plan.days; day++) {
    if (day % plan.deployEvery === 0) bank.deploy();
    // The night: all lines at once, over all containers.
    await Promise.all(lines.map((line, i) => bank.announce(line, i, `night-${day}-${i}`, line.use, day)));
    clock.later(8 * HOUR);
    for (const [i, line] of lines.entries()) await working(bank, line, i, day);
    await bank.peopleDecide();
    clock.later(16 * HOUR);
    await bank.sweep();
    told(`day ${day}: ${bank.requests.size} requests, ${bank.faults} faults`);
  }
}

/** What is announced by day. A committee's yes exchanges the use that is in production. */
async function working(bank: Bank, line: Line, i: number, day: number): Promise<void> {
  if (line.committee !== undefined) {
    const committee = line.committee;
    const { decision } = await bank.again(() => dossierOf(bank.world(i), committee));
    if (decision?.outcome === 'approved') [line.use, line.wanted] = [line.wanted, line.use];
    if (decision !== undefined) delete line.committee;
  }
  // One line after the other begins its week.
  const weekday = (((day - i) % WEEK) + WEEK) % WEEK;
  if (weekday === 1 && line.committee === undefined) {
    line.committee = await bank.announce(line, i, `committee-${day}-${i}`, line.wanted, day);
    // Nobody ever looks at this one.
    if (i % 5 === 1) bank.forget(line.committee);
  }
  if (weekday === 3)
    await bank.announce(line, i, `wrong-${day}-${i}`, line.use, day, (request) => {
      const [train] = request.dataset;
      for (const one of request.explanation) if (train !== undefined) one.slice = train.digest;
    });
}
