// Can the deterministic world fail? One safeguard after the other is taken away, and each time it must see what that does.
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Base, openBase } from '../support/sim/base.ts';
import { STORY, simulate } from '../support/sim/run.ts';
import { SAFEGUARDS } from '../support/sim/safeguards.ts';
import type { Safeguard } from '../support/sim/servers.ts';

/** Safeguards that stand in the stages themselves, where no wrapper of a port reaches. */
const gone = vi.hoisted(() => ({ quorum: false, frozen: false, seen: 0 }));
vi.mock('../../functions/domain/quorum.ts', async (original) => {
  const own = await original<typeof import('../../functions/domain/quorum.ts')>();
  const again = <A extends { actor: { sub: string } }>(one: A): A => ({
    ...one,
    actor: { ...one.actor, sub: `${one.actor.sub}#` },
  });
  const missingSeats: typeof own.missingSeats = (groups, approvers) =>
    own.missingSeats(groups, gone.quorum ? [...approvers, ...approvers.map(again)] : approvers);
  return { ...own, missingSeats };
});
vi.mock('../../functions/seal/promotion.ts', async (original) => {
  const own = await original<typeof import('../../functions/seal/promotion.ts')>();
  const promotionOf: typeof own.promotionOf = (frozen) => {
    const made = own.promotionOf(frozen);
    const later = new Date(Date.parse(made.times.decidedAt) + ++gone.seen).toISOString() as typeof made.times.decidedAt;
    return gone.frozen ? { ...made, times: { ...made.times, decidedAt: later } } : made;
  };
  return { ...own, promotionOf };
});

const STORIES = 150;

let base: Base;
beforeAll(async () => {
  base = await openBase();
});
afterEach(() => {
  gone.quorum = false;
  gone.frozen = false;
});

/** What the first story that goes wrong says. */
async function caught(without: Safeguard): Promise<string | undefined> {
  for (const story of fc.sample(STORY, { seed: 7, numRuns: STORIES })) {
    const { violations } = await simulate(base, story, without);
    if (violations[0] !== undefined) return violations[0];
  }
  return undefined;
}

describe('R14 R22 without this safeguard the deterministic world goes wrong, and says so', { timeout: 120_000 }, () => {
  it('with all of them it does not', async () => {
    for (const story of fc.sample(STORY, { seed: 7, numRuns: 5 })) expect((await simulate(base, story)).violations).toEqual([]);
  });

  it.each(Object.entries(SAFEGUARDS))('%s', async (_, { without, says }) => {
    expect(await caught(without)).toMatch(says);
  });

  it('each person counts once', async () => {
    gone.quorum = true;
    expect(await caught({})).toMatch(/was approved by \d persons of \d/);
  });

  it('the statement is made of frozen rows alone', async () => {
    gone.frozen = true;
    expect(await caught({})).toMatch(/has two events|met another writer|audit/);
  });
});
