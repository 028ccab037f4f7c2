// The deterministic world: servers, clients, operators and faults out of one seed, looked at after every step. A failure prints the
// seed and the shortest story that still fails; WORLD_SEED runs it again, WORLD_SECONDS lets it search longer (nightly: half an hour).
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Base, openBase } from '../support/sim/base.ts';
import { CALM } from '../support/sim/fates.ts';
import { STORY, type Story, simulate } from '../support/sim/run.ts';

const SECONDS = Number(process.env['WORLD_SECONDS'] ?? 40);
const SEED = process.env['WORLD_SEED'] === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env['WORLD_SEED']);

let base: Base;
beforeAll(async () => {
  base = await openBase();
});

describe('R3 R10 R13 R14 R22 R23 the deterministic world', () => {
  it('whatever fails, in whatever order: one event a request, no vote lost, nothing deployable unsealed, one growing tree', {
    timeout: SECONDS * 2000 + 60_000,
  }, async () => {
    const total = new Map<string, number>();
    let [runs, turns] = [0, 0];
    const holds = fc.asyncProperty(STORY, async (story) => {
      const outcome = await simulate(base, story);
      runs++;
      turns += outcome.turns;
      for (const [what, n] of outcome.counts) total.set(what, (total.get(what) ?? 0) + n);
      expect(outcome.violations).toEqual([]);
    });
    const limits = { interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false };
    await fc.assert(holds, { seed: SEED, numRuns: 1_000_000, ...limits });
    const seen = [...total].map(([what, n]) => `${what} ${n}`).join(', ');
    process.stdout.write(`deterministic world: seed ${SEED}, ${runs} runs, ${turns} turns (${seen})\n`);
    expect(runs).toBeGreaterThan(5);
    expect(total.get('voted'), 'the world is not idle').toBeGreaterThan(runs / 2);
  });

  it('one story is one order of things: the same seed gives the same run', { timeout: 60_000 }, async () => {
    const stories = fc.sample(STORY, { seed: 11, numRuns: 4 });
    for (const story of stories) {
      const [one, two] = [await simulate(base, story), await simulate(base, story)];
      expect([two.turns, [...two.counts]]).toEqual([one.turns, [...one.counts]]);
    }
  });

  it('calm, everybody votes yes: the committee request is approved, and of two for one head one is', async () => {
    const yes = (which: number, voters: readonly number[]) =>
      voters.map((voter) => ({ do: 'vote' as const, which, voter, choice: 0, on: voter }));
    const commands = [...yes(0, [0, 1, 2]), ...yes(1, [4]), ...yes(2, [5])];
    const story: Story = { seed: 1, servers: 2, wakes: 0, plan: CALM, commands };
    const { violations, counts, outcomes } = await simulate(base, story);
    expect(violations).toEqual([]);
    expect(counts.get('voted')).toBeGreaterThanOrEqual(4);
    expect(outcomes.sort()).toEqual(['approved', 'approved', 'stale']);
  });
});
