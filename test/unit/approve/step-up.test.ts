// OBL-004: who decides has signed in a short time ago. Judged when they act, when it is counted, and by every verifier.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveScreen } from '../../../functions/approve/serve-screen.ts';
import { tally } from '../../../functions/approve/tally.ts';
import { castVote } from '../../../functions/approve/vote.ts';
import { countedPersons } from '../../../functions/domain/event/counted.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import type { Routing } from '../../../functions/domain/routing.ts';
import { freshUntil, isFresh, problemsOfSignIn } from '../../../functions/domain/step-up.ts';
import { type Instant, instantOf } from '../../../functions/domain/text.ts';
import type { Vote } from '../../../functions/domain/vote.ts';
import type { Identified } from '../../../functions/ports.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { codes } from '../../support/activation.ts';
import { evidenceOf, resigned, trustIn } from '../../support/evidence.ts';
import { announce, ballotFor, built, dossierOf, explain, manifestAt, promote, upload } from '../../support/promote.ts';
import { ALICE, MALLORY, openWorld, signedInNow, type TestWorld } from '../../support/world.ts';

const MINUTE = 60_000;
const SIGNED_IN = 1_793_520_000; // 2026-11-01T08:00:00Z
const msLater = (ms: number): Instant => instantOf(SIGNED_IN * 1000 + ms);

describe('how old a sign-in may be', () => {
  const auth = { authTime: SIGNED_IN };

  it.each([
    [60 * MINUTE - 1, true],
    [60 * MINUTE, true],
    [60 * MINUTE + 1, false],
    [0, true],
    [-30_000, true],
    [-30_001, false],
  ])('of 60 minutes, decided %d ms after it: %s', (ms, fresh) => {
    expect(isFresh(60, auth, msLater(ms))).toBe(fresh);
    expect(problemsOfSignIn(60, auth, msLater(ms)).map(({ code }) => code)).toEqual(fresh ? [] : ['STEP_UP_REQUIRED']);
  });

  it('one that does not say when it was is never fresh, where freshness is asked for', () => {
    expect(isFresh(1440, {}, msLater(0))).toBe(false);
    expect(freshUntil(60, {})).toBeNull();
    expect(isFresh(undefined, {}, msLater(0))).toBe(true);
    expect(problemsOfSignIn(60, {}, msLater(0))[0]?.detail).toContain('does not say when it was');
  });

  it('property: a shorter limit never lets more through', () => {
    const minutes = fc.integer({ min: 1, max: 1440 });
    fc.assert(
      fc.property(minutes, minutes, fc.integer({ min: -60_000, max: 100_000_000 }), (a, b, ms) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)];
        expect(!isFresh(short, auth, msLater(ms)) || isFresh(long, auth, msLater(ms))).toBe(true);
      }),
    );
  });

  it('an approval on an old sign-in is not counted; a no on one is', () => {
    const routing = { groups: [{ role: 'r', min: 1, from: 'c' }], holds: [], stepUpMinutes: 60 } as unknown as Routing;
    const said = (choice: Vote['choice'], castAt: Instant) =>
      ({ actor: { iss: 'i', sub: 's' }, auth: { roles: ['r@c'], authTime: SIGNED_IN }, choice, castAt }) as unknown as Vote;
    const count = (choice: Vote['choice'], ms: number) => tally(routing, [said(choice, msLater(ms))], null, msLater(ms));
    expect(count('approve', 60 * MINUTE)).toEqual({ kind: 'decided', outcome: 'approved' });
    expect(count('approve', 60 * MINUTE + 1)).toMatchObject({ kind: 'waiting' });
    expect(count('reject', 60 * MINUTE + 1)).toEqual({ kind: 'decided', outcome: 'rejected' });
  });
});

describe('R7 a vote on the path of the committee, as shipped', () => {
  let world: TestWorld;
  let id: RequestId;
  beforeAll(async () => {
    world = await openWorld();
    const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
    await upload(world, blobs);
    id = await announce(world, request);
    await explain(world, id);
  });
  afterAll(() => world.close());

  async function cast(voter: Identified) {
    await serveScreen(world, await dossierOf(world, id), voter);
    const dossier = await dossierOf(world, id);
    return castVote(world, dossier, await readRouting(world, dossier), await ballotFor(world, id), voter);
  }

  it('is refused on an old sign-in and on an undated one, leaves nothing behind, and is taken on a fresh one', async () => {
    expect((await readRouting(world, await dossierOf(world, id))).stepUpMinutes).toBe(60);
    world.later(61 * MINUTE);
    expect(codes(await cast(ALICE))).toEqual(['STEP_UP_REQUIRED ']);
    const { authTime: _, ...undated } = ALICE.principal.auth;
    expect(codes(await cast({ ...ALICE, principal: { ...ALICE.principal, auth: undated } }))).toEqual(['STEP_UP_REQUIRED ']);
    expect((await dossierOf(world, id)).votes).toEqual([]);
    expect(codes(await cast(MALLORY)), 'who may not decide is not sent to sign in again').toEqual(['NOT_YOURS ']);
    expect(codes(await cast(signedInNow(world, ALICE)))).toEqual([]);
  }, 30_000);
});

describe('R22a what was sealed on an old sign-in', () => {
  it('is not counted, neither by the gate nor by verify, whoever signed the event', async () => {
    const world = await openWorld();
    try {
      const sealed = await evidenceOf(world, await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')));
      const checksWhen = async (minutes: number) => {
        const { envelope, event } = await resigned(world.signer, sealed.promotion, (changed) => {
          if (!isAbsent(changed.routing)) changed.routing = { ...changed.routing, stepUpMinutes: minutes };
        });
        const { checks } = await verifyEvent(envelope, event, trustIn(world), async (key) => sealed.files.get(key));
        return checks.find(({ name }) => name === 'approvals');
      };
      expect(await checksWhen(60)).toMatchObject({ ok: true });
      const { routing, approvals } = sealed.promotion;
      if (isAbsent(routing) || isAbsent(approvals)) throw new Error('approved by people');
      const later = approvals.map((one) => (one.kind === 'person' ? { ...one, castAt: msLater(61 * MINUTE) } : one));
      expect(countedPersons(routing, approvals)).toHaveLength(3);
      expect(countedPersons(routing, later)).toEqual([]);
      const undated = approvals.map((one) => ({ ...one, auth: { ...one.auth, authTime: undefined } }) as typeof one);
      expect(countedPersons(routing, undated)).toEqual([]);
      expect(countedPersons({}, undated), 'events from before').toHaveLength(3);
    } finally {
      await world.close();
    }
  }, 30_000);
});
