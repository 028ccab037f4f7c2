// Every single call to vault, index or signer during a promotion fails once: before it took effect, or after it, so that only
// its reply is lost (the second is the one that doubles things in systems that retry). Then the same call is sent again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromotionRequest, RequestId } from '../../functions/domain/request.ts';
import { proofOf } from '../../functions/proofs.ts';
import { failing, leavesSomething, type Moment } from '../support/faults.ts';
import { expectSealedOnce, gateOf, promoteThroughFaults } from '../support/faults-play.ts';
import { type FaultWorld, openFaultWorld } from '../support/faults-world.ts';
import { built, manifestAt, upload } from '../support/promote.ts';

const FOLDER = 'scenarios/01-in-band-retrain';

type Prepared = { readonly base: FaultWorld; readonly request: PromotionRequest };

async function prepare(base: FaultWorld, manifest: string): Promise<Prepared> {
  const { request, blobs } = await built(base, await manifestAt(`${FOLDER}/${manifest}`));
  await upload(base, blobs);
  return { base, request };
}

/** Plays the promotion with the k-th call failing; answers the calls made, in the order of their numbers. */
async function play({ base, request }: Prepared, k: number, moment: Moment, tick: number) {
  const { hook, calls } = failing(k, moment);
  const world = base.copy(hook, tick);
  try {
    const id = await promoteThroughFaults(world, request);
    const made = [...calls];
    expect(made.length, 'the fault was reached').toBeGreaterThanOrEqual(Math.max(k, 1));
    const sealed = await expectSealedOnce({ ...world, ...world.real }, id);
    expect(world.lies).toEqual([]);
    expect(world.headMoves()).toBe(1);
    const voters = sealed.routing?.path === 'committee' ? 3 : 0;
    expect(sealed.votes).toHaveLength(voters);
    expect(sealed.decision?.votes).toEqual(sealed.votes.map(({ voteKey }) => voteKey).sort());
    expect([...world.objects.keys()].filter((key) => key.startsWith('votes/'))).toHaveLength(
      voters + [...base.objects.keys()].filter((key) => key.startsWith('votes/')).length,
    );
    // In the log, once; what waited for it waits no more (W15).
    expect(await proofOf(world.real, sealed.hash)).toBeDefined();
    expect(await world.real.index.list('UNLOGGED')).toEqual([]);
    expect(await gateOf({ ...world, ...world.real }, sealed.hash, request)).toBe('allow OK');
    return { calls: made, id, hash: sealed.hash };
  } finally {
    await world.close();
  }
}

let v01: Prepared;
let v02: Prepared;
beforeAll(async () => {
  const empty = await openFaultWorld();
  v01 = await prepare(empty, '1-v01.yaml');
  const approved = empty.copy();
  await promoteThroughFaults(approved, v01.request);
  v02 = await prepare(approved, '2-v02.yaml');
});
afterAll(async () => {
  await v01.base.close();
  await v02.base.close();
});

describe.each([
  ['automated', () => v02],
  ['committee', () => v01],
] as const)('R3 R10 R13 one event whatever fails, %s', { timeout: 240_000 }, (path, prepared) => {
  /** The run without a fault: how many calls there are, and the hash that every other run must give. */
  const calm = async (): Promise<{ calls: { op: string; on: readonly string[] }[]; id: RequestId; hash: string }> =>
    play(prepared(), 0, 'before', 0);

  it(`each call that leaves something, ${path}: its reply is lost, the same hash as without a fault`, async () => {
    const { calls, hash } = await calm();
    const numbers = calls.flatMap((call, i) => (leavesSomething(call) ? [i + 1] : []));
    expect(numbers.length).toBeGreaterThan(12);
    for (const k of numbers) expect.soft((await play(prepared(), k, 'after', 0)).hash, label(calls, k)).toBe(hash);
  });

  it(`each call at all, ${path}: it fails before it does anything, the same hash as without a fault`, async () => {
    const { calls, hash } = await calm();
    for (let k = 1; k <= calls.length; k++)
      expect.soft((await play(prepared(), k, 'before', 0)).hash, label(calls, k)).toBe(hash);
  });

  it(`each call that leaves something, ${path}: time goes on while it is repeated, and what was written first stands`, async () => {
    const { calls } = await calm();
    for (const [i, call] of calls.entries())
      if (leavesSomething(call)) for (const moment of ['before', 'after'] as const) await play(prepared(), i + 1, moment, 1000);
  });
});

const label = (calls: readonly { op: string; on: readonly string[] }[], k: number): string =>
  `call ${k}: ${calls[k - 1]?.op} ${calls[k - 1]?.on}`;
