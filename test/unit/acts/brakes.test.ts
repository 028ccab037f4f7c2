// Rollback, revocation and break-glass: who may, what follows at the gate, and what the ledger says of it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveAct } from '../../../functions/acts/acts.ts';
import { readEvent } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import { checkStillGood } from '../../../functions/domain/event/verify-revoked.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { exportKeys } from '../../../functions/export.ts';
import { approvedStages } from '../../../functions/intake/intake.ts';
import { lineageOf } from '../../../functions/lineage.ts';
import { readHead } from '../../../functions/store.ts';
import { codes, value } from '../../support/activation.ts';
import {
  consent,
  gate,
  LINE,
  ledger,
  ON_CALL,
  OWNER,
  PLACE,
  propose,
  REASON,
  twoVersions,
  withOnCall,
} from '../../support/brakes.ts';
import { trustIn } from '../../support/evidence.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { ALICE, BOB, DAVE, ERIN, MALLORY, openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const rollback = (from: EventHash | null, to: EventHash) => ({ what: 'rollback' as const, ...PLACE, from, to, reason: REASON });
const revocation = (event: EventHash, to: EventHash | null) => ({
  what: 'revocation' as const,
  ...PLACE,
  event,
  to,
  reason: REASON,
});

async function verified(hash: EventHash): Promise<string[]> {
  const event = await readEvent(world, hash);
  if (event === undefined) throw new Error('no event');
  const kept = new Set(await exportKeys(world, event));
  const read = async (key: string) => (kept.has(key) ? world.vault.get(key) : undefined);
  const { checks } = await verifyEvent(event.envelope, hash, trustIn(world), read);
  return checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
}

describe('R58 a rollback', () => {
  it('is a forward entry: previous, new, reason, authoriser; the gate follows at once, and so do the baselines', async () => {
    const [v1, v2] = await twoVersions(world);
    expect([await gate(world, v1), await gate(world, v2)]).toEqual(['deny NOT_ACTIVE', 'allow OK']);
    const id = value(await propose(world, rollback(v2, v1), ALICE));
    expect(await gate(world, v2), 'proposed is nothing').toBe('allow OK');
    const { event } = value(await consent(world, id, OWNER));
    expect([await gate(world, v1), await gate(world, v2)]).toEqual(['allow OK', 'deny NOT_ACTIVE']);
    const { head } = await readHead(world.index, LINE, 'sandbox');
    const walked = await lineageOf(world, { ...PLACE, incumbent: v1 });
    expect(head).toEqual({
      incumbent: v1,
      lastHumanApproved: walked?.lastHumanApproved,
      automatedSinceHuman: walked?.automatedSinceHuman,
      reservedBy: null,
      last: event,
    });
    expect(await verified(event as EventHash)).toEqual([]);
    const { entries, active, broken } = await ledger(world);
    expect({ active, broken }).toEqual({ active: v1, broken: null });
    expect(entries.map(({ what, from, to }) => [what, from, to])).toEqual([
      ['promotion', null, v1],
      ['promotion', v1, v2],
      ['rollback', v2, v1],
    ]);
    expect(entries.map(({ previous, next }) => [previous, next])).toEqual([
      [null, v2],
      [v1, event],
      [v2, null],
    ]);
    expect(entries[2]).toMatchObject({ reason: REASON, by: [{ kind: 'person' }, { kind: 'person' }] });
    // What comes next compares with what runs, and follows the rollback.
    const next = await promote(world, { ...(await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml')), ...PLACE });
    expect(next.request.comparedWith.incumbent).toBe(v1);
  }, 30_000);

  it('takes the owner of record and somebody who decides for the line, whichever of them proposes, and no machine', async () => {
    const [v1, v2] = await twoVersions(world);
    const terms = rollback(v2, v1);
    expect(codes(await propose(world, terms, PIPELINE))).toEqual(['PERSON_ONLY ']);
    expect(codes(await propose(world, terms, MALLORY))).toEqual(['NOT_YOURS ']);
    expect(codes(await propose(world, terms, ERIN))).toEqual(['NOT_YOURS ']);
    const byAlice = value(await propose(world, terms, ALICE));
    expect(codes(await consent(world, byAlice, BOB)), 'not the owner').toEqual(['NOT_YOURS ']);
    const byOwner = value(await propose(world, terms, OWNER));
    expect(codes(await consent(world, byOwner, OWNER))).toEqual(['NOT_YOURS ', 'SEPARATION ']);
    expect(value(await consent(world, byOwner, DAVE)).event).not.toBeNull();
  }, 30_000);

  it('by one person on call, where the line says so, is sealed as well', async () => {
    const [v1, v2] = await twoVersions(world, withOnCall);
    const id = value(await propose(world, rollback(v2, v1), ON_CALL));
    const { event } = value(await consent(world, id, ON_CALL));
    expect(await gate(world, v1)).toBe('allow OK');
    expect(await verified(event as EventHash)).toEqual([]);
    expect(codes(await propose(world, revocation(v1, null), ON_CALL))).toEqual([]);
    const revoke = value(await propose(world, revocation(v1, null), ON_CALL));
    expect(codes(await consent(world, revoke, ON_CALL)), 'alone only a rollback').toEqual(['NOT_YOURS ', 'SEPARATION ']);
  }, 30_000);

  it('goes only to what was approved for this place and stands; and only from what is active', async () => {
    const [v1, v2] = await twoVersions(world);
    expect(codes(await propose(world, rollback(v1, v2), ALICE))).toEqual(['STALE_COMPARISON /from']);
    expect(codes(await propose(world, rollback(v2, v2), ALICE))).toEqual(['NOT_WAITING /to']);
    const nowhere = `sha256:${'0'.repeat(64)}` as EventHash;
    expect(codes(await propose(world, rollback(v2, nowhere), ALICE))).toEqual(['NOT_FOUND /to']);
    const other = await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    expect(codes(await propose(world, rollback(v2, other.seal?.eventHash as EventHash), ALICE))).toEqual(['OUT_OF_SCOPE /to']);
    value(await consent(world, value(await propose(world, revocation(v1, null), ALICE)), OWNER));
    expect(codes(await propose(world, rollback(v2, v1), ALICE))).toEqual(['REVOKED /to']);
  }, 30_000);
});

describe('R59 a revocation', () => {
  it('of the active version leaves nothing active, or what the same act names; the gate refuses at once, whatever the head says', async () => {
    const [v1, v2] = await twoVersions(world);
    expect(codes(await propose(world, revocation(v1, v2), ALICE)), 'not active').toEqual(['NOT_WAITING /to']);
    const { event } = value(await consent(world, value(await propose(world, revocation(v2, v1), ALICE)), OWNER));
    expect([await gate(world, v1), await gate(world, v2)]).toEqual(['allow OK', 'deny REVOKED']);
    expect(await verified(event as EventHash)).toEqual([]);
    const last = value(await consent(world, value(await propose(world, revocation(v1, null), OWNER)), DAVE)).event;
    expect(await gate(world, v1)).toBe('deny REVOKED');
    const { head, revision } = await readHead(world.index, LINE, 'sandbox');
    expect(head).toMatchObject({ incumbent: null, lastHumanApproved: null, last });
    const edited = { ...head, incumbent: v1 };
    await world.index.commit([{ kind: 'register', key: keys.head(LINE, 'sandbox'), body: edited, expected: revision }]);
    expect(await gate(world, v1), 'an edited head brings nothing back').toBe('deny REVOKED');
    expect((await ledger(world)).broken, 'and the ledger says so').toContain('but the head stands at');
    expect(codes(await propose(world, revocation(v1, null), ALICE))).toEqual(['REVOKED /event']);
    const records: Uint8Array[] = [];
    for await (const key of world.vault.list('records/')) records.push((await world.vault.get(key)) ?? new Uint8Array());
    expect(checkStillGood(v1, records, trustIn(world))).toMatchObject({ ok: false, code: 'REVOKED' });
    const stranger = { ...trustIn(world), keys: [] };
    expect(checkStillGood(v1, records, stranger), 'by whom nobody knows').toMatchObject({ ok: false, code: 'KEY_UNTRUSTED' });
    expect(checkStillGood(last as EventHash, records, stranger)).toMatchObject({ ok: true });
    expect(checkStillGood(last as EventHash, records, trustIn(world))).toMatchObject({ ok: true });
    const { promotion } = { promotion: (await readEvent(world, v1))?.predicate };
    if (promotion?.kind !== 'promotion' || isAbsent(promotion.model)) throw new Error('no promotion');
    expect(await approvedStages(world.index, LINE, promotion.model.root), 'nor opens it a later stage').toEqual([]);
  }, 30_000);

  it('from nothing active a version that stands may run again', async () => {
    const [v1, v2] = await twoVersions(world);
    value(await consent(world, value(await propose(world, revocation(v2, null), ALICE)), OWNER));
    value(await consent(world, value(await propose(world, rollback(null, v1), ALICE)), OWNER));
    expect(await gate(world, v1)).toBe('allow OK');
    const { entries, broken } = await ledger(world);
    expect(broken).toBeNull();
    expect(entries.map(({ what, from, to }) => [what, from, to]).slice(2)).toEqual([
      ['revocation', v2, null],
      ['rollback', null, v1],
    ]);
  }, 30_000);
});

describe('R23 break-glass', () => {
  it('opens the gate for its bytes, place and hours, where the gate takes that; then it owes a review', async () => {
    const [v1, v2] = await twoVersions(world);
    const { predicate } = (await readEvent(world, v1)) ?? {};
    if (predicate?.kind !== 'promotion' || isAbsent(predicate.model)) throw new Error('no model');
    const { root, manifest } = predicate.model;
    const terms = { what: 'breakGlass' as const, ...PLACE, root, manifest, hours: 2, reason: REASON };
    const id = value(await propose(world, terms, OWNER));
    expect(codes(await consent(world, id, OWNER))).toEqual(['NOT_YOURS ', 'SEPARATION ']);
    const event = value(await consent(world, id, DAVE)).event as EventHash;
    expect(await gate(world, event, v1)).toBe('deny BREAK_GLASS_REFUSED');
    const allowed = { breakGlass: 'allowed' } as const;
    expect(await gate(world, event, v1, allowed)).toBe('allow BREAK_GLASS');
    expect(await gate(world, event, v2, allowed), 'other bytes').toBe('deny ARTEFACT_MISMATCH');
    expect(await gate(world, event, v1, { ...allowed, humanSignature: 'required' })).toBe('deny HUMAN_SIGNATURE_MISSING');
    expect(await gate(world, v2), 'what is active is not touched').toBe('allow OK');
    expect(await verified(event)).toEqual([]);
    expect((await ledger(world)).brokenGlass).toMatchObject([{ event, root, owesReview: false, reviewedBy: null }]);
    world.later(2 * 3_600_000);
    expect(await gate(world, event, v1, allowed)).toBe('deny BREAK_GLASS_OVER');
    expect((await ledger(world)).brokenGlass).toMatchObject([{ event, owesReview: true }]);
  }, 30_000);

  it('is not for bytes whose approval was taken back, and not once more before its review', async () => {
    const [v1, v2] = await twoVersions(world);
    const bytesOf = async (hash: EventHash) => {
      const { predicate } = (await readEvent(world, hash)) ?? {};
      if (predicate?.kind !== 'promotion' || isAbsent(predicate.model)) throw new Error('no model');
      const { root, manifest } = predicate.model;
      return { what: 'breakGlass' as const, ...PLACE, root, manifest, hours: 72, reason: REASON };
    };
    value(await consent(world, value(await propose(world, revocation(v1, null), ALICE)), OWNER));
    expect(codes(await propose(world, await bytesOf(v1), OWNER))).toEqual(['REVOKED /root']);
    const other = await bytesOf(v2);
    value(await consent(world, value(await propose(world, other, OWNER)), DAVE));
    const longer = { ...other, reason: `${REASON} Still.` };
    expect(codes(await propose(world, longer, OWNER)), 'while its hours run').toEqual(['HOLD /root']);
    world.later(73 * 3_600_000);
    expect(codes(await propose(world, longer, OWNER)), 'nor afterwards').toEqual(['HOLD /root']);
  }, 30_000);
});

describe('R23 R61 a break-glass that is taken back', () => {
  it('is denied at once, by the people who take an approval back; what is active stays, and the ledger says it', async () => {
    const [v1, v2] = await twoVersions(world);
    const { predicate } = (await readEvent(world, v1)) ?? {};
    if (predicate?.kind !== 'promotion' || isAbsent(predicate.model)) throw new Error('no model');
    const { root, manifest } = predicate.model;
    const terms = { what: 'breakGlass' as const, ...PLACE, root, manifest, hours: 48, reason: REASON };
    const event = value(await consent(world, value(await propose(world, terms, OWNER)), DAVE)).event as EventHash;
    const allowed = { breakGlass: 'allowed' } as const;
    expect(await gate(world, event, v1, allowed)).toBe('allow BREAK_GLASS');

    expect(codes(await propose(world, revocation(event, v2), ALICE))).toEqual(['NOT_WAITING /to']);
    const proposed = value(await propose(world, revocation(event, null), ALICE));
    const page = new TextDecoder().decode(value(await serveAct(world, proposed, OWNER)));
    expect(page).toContain('its gate denies them at once');
    expect(page).toContain(root);
    const taken = value(await consent(world, proposed, OWNER)).event as EventHash;
    expect(await gate(world, event, v1, allowed)).toBe('deny REVOKED');
    expect(await gate(world, v2)).toBe('allow OK');
    expect(await verified(taken), 'an auditor reads it without us').toEqual([]);
    const { brokenGlass, entries, active, broken } = await ledger(world);
    expect(brokenGlass).toMatchObject([{ event, takenBackBy: taken, owesReview: true }]);
    expect([entries.at(-1)?.what, active, broken]).toEqual(['revocation', v2, null]);
    expect(codes(await propose(world, revocation(event, null), DAVE)), 'once').toEqual(['REVOKED /event']);
  }, 30_000);
});

describe('R60 a broken chain', () => {
  it('is found and named: an entry that is gone, one that was put in', async () => {
    const [v1, v2] = await twoVersions(world);
    const get: typeof world.index.get = async (key) =>
      key.sk === keys.entry(LINE, 'sandbox', v1).sk ? undefined : world.index.get(key);
    const cut = { ...world, index: { ...world.index, get, list: world.index.list.bind(world.index) } } as TestWorld;
    expect((await ledger(cut)).broken).toBe(`it ends at ${v1}, but the head stands at ${v2}`);
    const other: typeof world.index.get = async (key) => {
      const row = await world.index.get(key);
      return key.sk === keys.entry(LINE, 'sandbox', v1).sk && row ? { ...row, body: { event: v1 } } : row;
    };
    const twice = { ...world, index: { ...world.index, get: other, list: world.index.list.bind(world.index) } } as TestWorld;
    expect((await ledger(twice)).broken).toBe(`${v1} does not follow ${v1}`);
  }, 30_000);
});
