// What happens to a request while people take their time: the head moves, others arrive, the time runs out, the store fails.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { castVote } from '../../functions/approve/vote.ts';
import { type Dossier, factsOf } from '../../functions/domain/dossier.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import { stateOf } from '../../functions/domain/flow.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { PromotionRequest } from '../../functions/domain/request.ts';
import type { Result } from '../../functions/domain/result.ts';
import { sweep } from '../../functions/drive.ts';
import { letPass } from '../../functions/let-pass.ts';
import type { Identified } from '../../functions/ports.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { readJsonBlob } from '../../functions/store.ts';
import { evidenceOf, failed, trustIn } from '../support/evidence.ts';
import { type Around, leavesSomething } from '../support/faults.ts';
import { expectSealedOnce, gateOf } from '../support/faults-play.ts';
import { announced, asking, manifestOf, shownTo } from '../support/faults-races.ts';
import { type FaultWorld, openFaultWorld } from '../support/faults-world.ts';
import { ballotFor, dossierOf, explain, promote, vote } from '../support/promote.ts';
import { ALICE, BOB, CAROL, DAVE, identified, PIPELINE } from '../support/world.ts';

const COMMITTEE = '09-model-class/2-v09.yaml';
const REVIEWER = '02-threshold-moved/2-v03.yaml';
const AUTOMATED = '01-in-band-retrain/2-v02.yaml';
const A_DAY = 86_400_000;
/** All requests of these tests are for one line. */
const OWNER = identified('person', 'person-owner', ['owner-of-record@model-owner-1']);

const codesOf = (result: Result<unknown>): string[] => (result.ok ? ['ok'] : result.problems.map(({ code }) => code));
const stateIn = (dossier: Dossier) => stateOf(factsOf(dossier));

let promoted: FaultWorld;
let world: FaultWorld;
beforeAll(async () => {
  promoted = await openFaultWorld();
  await promote(promoted, await manifestOf('01-in-band-retrain/1-v01.yaml'));
});
afterAll(() => promoted.close());

async function fresh(hook?: Around): Promise<FaultWorld> {
  await world?.close();
  world = promoted.copy(hook, 1);
  return world;
}
afterAll(() => world.close());

/** Votes without opening the screen again: it was shown before. */
async function voteLate(id: RequestId, voter: Identified) {
  const dossier = await dossierOf(world, id);
  return castVote(world, dossier, await readRouting(world, dossier), await ballotFor(world, id), voter);
}

/** Ended otherwise than approved: sealed once, the gate says no, and no vote changes that. */
async function expectNoWayIn(id: RequestId, outcome: string, voter: Identified): Promise<Dossier> {
  const sealed = await expectSealedOnce(world, id);
  expect(sealed.decision?.outcome).toBe(outcome);
  expect(sealed.seal?.key).toMatch(/^records\//);
  const request = await readJsonBlob(world.vault, sealed.request.payload, PromotionRequest);
  expect(await gateOf(world, sealed.hash, request)).toBe('deny NOT_APPROVED');
  const votes = sealed.votes.length;
  expect(codesOf(await voteLate(id, voter))).toContain('TOO_LATE');
  await sweep(world);
  await world.run();
  expect(await expectSealedOnce(world, id)).toMatchObject({ hash: sealed.hash });
  expect((await dossierOf(world, id)).votes).toHaveLength(votes);
  expect(world.lies).toEqual([]);
  return sealed;
}

describe('while people judge', () => {
  it('R3 R22a the incumbent moves: the quorum is stale, sealed with its votes, and opens no gate', async () => {
    await fresh();
    const slow = await asking(world, COMMITTEE);
    const quick = await asking(world, REVIEWER);
    await vote(world, slow, ALICE);
    await vote(world, slow, BOB);
    await vote(world, quick, DAVE);
    expect((await expectSealedOnce(world, quick)).decision?.outcome).toBe('approved');
    expect(codesOf(await vote(world, slow, CAROL))).toEqual(['ok']);
    const sealed = await expectNoWayIn(slow, 'stale', DAVE);
    expect(sealed.decision?.votes).toHaveLength(3);
    expect(sealed.decision?.reasons.map(({ code }) => code)).toEqual(['STALE_COMPARISON']);
  });

  it('R3 an automated request is parked, and goes on as soon as the people said no', async () => {
    await fresh();
    const judged = await asking(world, COMMITTEE);
    const nightly = await announced(world, AUTOMATED, 'night');
    await world.run();
    expect(stateIn(await dossierOf(world, nightly))).toBe('settling');
    await sweep(world);
    await world.run();
    expect(stateIn(await dossierOf(world, nightly)), 'a sweep does not let it pass').toBe('settling');
    await vote(world, judged, ALICE, 'reject');
    expect((await expectSealedOnce(world, judged)).decision?.outcome).toBe('rejected');
    expect((await expectSealedOnce(world, nightly)).decision?.outcome).toBe('approved');
  });

  it('R3 an automated request is parked, and stale once the people said yes: their comparison was never disturbed', async () => {
    await fresh();
    const judged = await asking(world, COMMITTEE);
    const nightly = await announced(world, AUTOMATED, 'night');
    await world.run();
    for (const voter of [ALICE, BOB, CAROL]) await vote(world, judged, voter);
    expect((await expectSealedOnce(world, judged)).decision?.outcome).toBe('approved');
    expect((await expectSealedOnce(world, nightly)).decision?.outcome).toBe('stale');
  });

  it('R3 R33 the owner of record lets the parked one pass: what people judge is returned, sealed, and names the owner', async () => {
    await fresh();
    const judged = await asking(world, COMMITTEE);
    const unexplained = await announced(world, REVIEWER, 'unexplained');
    const nightly = await announced(world, AUTOMATED, 'night');
    await world.run();
    await vote(world, judged, ALICE);
    const parked = await dossierOf(world, nightly);
    expect(stateIn(parked)).toBe('settling');
    expect(codesOf(await letPass(world, parked, ALICE)), 'a committee does not own the line').toEqual(['NOT_YOURS']);
    expect(codesOf(await letPass(world, parked, PIPELINE))).toEqual(['PERSON_ONLY']);
    expect(codesOf(await letPass(world, await dossierOf(world, judged), OWNER)), 'it is not parked').toEqual(['NOT_WAITING']);
    const passed = await letPass(world, parked, OWNER);
    expect(passed).toEqual({ ok: true, value: expect.arrayContaining([judged, unexplained]) });
    await world.run();
    expect((await expectSealedOnce(world, nightly)).decision?.outcome).toBe('approved');
    for (const [id, votes] of [
      [judged, 1],
      [unexplained, 0],
    ] as const) {
      const sealed = await expectNoWayIn(id, 'returned', BOB);
      expect(sealed.decision?.votes).toHaveLength(votes);
      const [reason] = sealed.decision?.reasons ?? [];
      expect(reason).toMatchObject({ code: 'RETURNED_BY_OWNER', detail: expect.stringContaining(OWNER.principal.actor.sub) });
      expect(reason?.detail).toContain(nightly);
    }
    expect(codesOf(await letPass(world, await dossierOf(world, nightly), OWNER)), 'twice').toEqual(['NOT_WAITING']);
  });

  it('R3 the owner lets it pass at the moment of the last vote: one outcome, whichever was first', async () => {
    await fresh();
    const judged = await asking(world, COMMITTEE);
    const nightly = await announced(world, AUTOMATED, 'night');
    await world.run();
    for (const voter of [ALICE, BOB]) await vote(world, judged, voter);
    await shownTo(world, judged, CAROL);
    const parked = await dossierOf(world, nightly);
    const [cast] = await Promise.all([voteLate(judged, CAROL), letPass(world, parked, OWNER)]);
    await world.run();
    const sealed = await expectSealedOnce(world, judged);
    // A vote that was answered "ok" is in the record, whatever came out.
    expect(sealed.decision?.votes).toHaveLength(cast.ok ? 3 : 2);
    const other = sealed.decision?.outcome === 'returned' ? 'approved' : 'stale';
    expect((await expectSealedOnce(world, nightly)).decision?.outcome).toBe(other);
    expect(world.lies).toEqual([]);
  });

  it('R13 R22a a newer request supersedes the older one: ended with its votes, which do not count for the newer', async () => {
    await fresh();
    const older = await asking(world, COMMITTEE);
    await vote(world, older, ALICE);
    const newer = await announced(world, COMMITTEE, 'newer', older);
    await world.run();
    const sealed = await expectNoWayIn(older, 'superseded', BOB);
    expect(sealed.decision?.votes).toHaveLength(1);
    const dossier = await dossierOf(world, newer);
    expect([stateIn(dossier), dossier.votes]).toEqual(['needsRationale', []]);
  });

  it('R13 R22a a request that is refused itself supersedes nothing: the older one goes on', async () => {
    await fresh();
    const older = await asking(world, COMMITTEE);
    await vote(world, older, ALICE);
    const newer = await announced(world, COMMITTEE, 'newer', older, ({ gates }) => {
      for (const gate of gates) gate.result = 'fail';
    });
    await world.run();
    const refused = await expectSealedOnce(world, newer);
    expect(refused.decision?.outcome).toBe('refused');
    expect(refused.decision?.reasons.map(({ code }) => code)).toContain('GATE_FAILED');
    expect(stateIn(await dossierOf(world, older))).toBe('voting');
    for (const voter of [BOB, CAROL]) await vote(world, older, voter);
    const sealed = await expectSealedOnce(world, older);
    expect([sealed.decision?.outcome, sealed.decision?.votes.length]).toEqual(['approved', 3]);
  });

  it('R12 R22a a clock that was put back over a restart: instants never run backwards, and the event verifies', async () => {
    await fresh();
    // Ten minutes at a time: further back, and no sign-in would be fresh enough to decide on.
    const back = () => world.later(-600_000);
    const id = await announced(world, COMMITTEE, 'clock');
    back();
    await world.run();
    back();
    await explain(world, id);
    for (const voter of [ALICE, BOB, CAROL]) {
      back();
      await vote(world, id, voter);
    }
    const { hash, decision, request } = await expectSealedOnce(world, id);
    expect(decision?.outcome).toBe('approved');
    expect((decision?.decidedAt ?? '') >= request.receivedAt).toBe(true);
    const { files, key } = await evidenceOf(world, await dossierOf(world, id));
    const bytes = files.get(key) ?? new Uint8Array();
    const { checks } = await verifyEvent(bytes, hash, trustIn(world), async (one) => files.get(one));
    expect(failed(checks)).toEqual([]);
  });

  it('R23 the time runs out: sealed as expired, never approved, and a vote after it is too late', async () => {
    await fresh();
    const id = await asking(world, COMMITTEE);
    await vote(world, id, ALICE);
    await vote(world, id, BOB);
    await shownTo(world, id, CAROL);
    world.later(31 * A_DAY);
    expect(codesOf(await voteLate(id, CAROL)), 'late, though nobody has looked at the clock yet').toEqual(['TOO_LATE']);
    await sweep(world);
    await world.run();
    const sealed = await expectNoWayIn(id, 'expired', CAROL);
    expect(sealed.decision?.votes).toHaveLength(2);
  });

  it('R46 a request nobody explains ends too, and no longer holds back its line', async () => {
    await fresh();
    const id = await announced(world, COMMITTEE, 'unexplained');
    const nightly = await announced(world, AUTOMATED, 'night');
    await world.run();
    expect(stateIn(await dossierOf(world, nightly))).toBe('settling');
    world.later(31 * A_DAY);
    await sweep(world);
    await world.run();
    expect((await expectSealedOnce(world, id)).decision?.outcome).toBe('expired');
    expect((await expectSealedOnce(world, nightly)).decision?.outcome).toBe('approved');
  });

  it('R13 a quorum reached in time stands, however late the server that counts it comes back', async () => {
    await fresh();
    const id = await asking(world, COMMITTEE);
    await vote(world, id, ALICE);
    await vote(world, id, BOB);
    await shownTo(world, id, CAROL);
    expect(codesOf(await voteLate(id, CAROL))).toEqual(['ok']);
    world.woken.clear();
    world.later(31 * A_DAY);
    await sweep(world);
    await world.run();
    expect((await expectSealedOnce(world, id)).decision?.outcome).toBe('approved');
  });
});

describe('R23 while the store is down', () => {
  const down: Around = async (call) => {
    throw new InfrastructureError(`down: ${call.op}`, { retryable: true });
  };

  it('nobody is answered "ok", nothing is decided, and afterwards it goes on', async () => {
    let out = false;
    await fresh((call, run) => (out && leavesSomething(call) ? down(call, run) : run()));
    const id = await asking(world, REVIEWER);
    await shownTo(world, id, DAVE);
    out = true;
    await expect(voteLate(id, DAVE)).rejects.toThrow(InfrastructureError);
    await sweep(world);
    await world.run();
    expect((await dossierOf(world, id)).votes).toEqual([]);
    out = false;
    expect(codesOf(await voteLate(id, DAVE))).toEqual(['ok']);
    await world.run();
    expect((await expectSealedOnce(world, id)).decision?.outcome).toBe('approved');
  });

  it('the gate says that it cannot tell, which is a no of its own kind', async () => {
    let out = false;
    await fresh((call, run) => (out ? down(call, run) : run()));
    const dossier = await promote(world, await manifestOf(AUTOMATED));
    const { hash, request } = await expectSealedOnce(world, dossier.request.id);
    const stated = await readJsonBlob(world.vault, request.payload, PromotionRequest);
    expect(await gateOf(world, hash, stated)).toBe('allow OK');
    out = true;
    expect(await gateOf(world, hash, stated)).toBe('unknown CANNOT_TELL');
  });
});
