// Evidence case 20: a sealing key is stolen at T. What witnesses had seen before T stays valid; what it signed since is refused,
// whatever time stands in it; and what the store honestly sealed since is said again under the new key.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditSealed } from '../../../functions/audit/audit.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../../functions/domain/event/envelope.ts';
import { isAbsent, statementBytes, statementOf } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { KeyChange, KeySet } from '../../../functions/domain/keys/set.ts';
import { keys } from '../../../functions/domain/rows.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { blobKey, envelopeKey, proofKey, reattestedKey } from '../../../functions/domain/vault-keys.ts';
import { judge } from '../../../functions/gate/gate.ts';
import { policyInForce } from '../../../functions/in-force.ts';
import { consent, consentsTo } from '../../../functions/keys/consent.ts';
import { sealedKeys } from '../../../functions/keys/keys.ts';
import { reattest } from '../../../functions/keys/reattest.ts';
import { lineageOf } from '../../../functions/lineage.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import type { Identified, Signer } from '../../../functions/ports.ts';
import { proofOf } from '../../../functions/proofs.ts';
import { stolenSince } from '../../../functions/sealed.ts';
import { evidenceOf, resigned, type TestEvidence } from '../../support/evidence.ts';
import { KIM, WHY } from '../../support/key-folder.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import {
  compromised,
  followedFrom,
  type KeyedWorld,
  keysOf,
  logAndWitness,
  newSigner,
  openKeyedWorld,
  pinned,
  sealingWith,
} from '../../support/stolen-key.ts';
import { ALICE, PIPELINE } from '../../support/world.ts';

let world: KeyedWorld;
let stolen: Signer;
let since: Instant;
let pin: KeySet;
let before: TestEvidence;
let after: TestEvidence;
let forged: EventHash;
let trust: Trust;

beforeAll(async () => {
  world = await openKeyedWorld();
  stolen = world.signer;
  pin = await keysOf(world);
  before = await evidenceOf(world, await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')));
  await logAndWitness(world);
  // A witness's time is in whole seconds.
  world.later(5_000);
  since = world.clock.now();
  world.later(5_000);
  after = await evidenceOf(world, await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml')));
  forged = await forge();
  await logAndWitness(world);
  world = await compromised(world, since, await newSigner(world, 'second'));
  await logAndWitness(world);
  trust = pinned(world, await keysOf(world));
}, 60_000);
afterAll(() => world.close());

/** The thief writes wherever he likes: vault, rows, head. The time in it is that of the honest event before. */
async function forge(): Promise<EventHash> {
  const { envelope, event } = await resigned(stolen, before.promotion, (promotion) => {
    promotion.provenance = {
      ...promotion.provenance,
      pipelineRun: { ...promotion.provenance.pipelineRun, id: 'of-the-thief' },
    };
  });
  const key = envelopeKey(event, 'approved');
  await world.vault.putOnce(key, envelope);
  const row = { request: before.promotion.requestId, key, kind: 'promotion', outcome: 'approved' };
  const { line, environment } = before.promotion.scope;
  const head = await world.index.get(keys.head(line, environment));
  if (head === undefined) throw new Error('no head');
  const moved = await world.index.commit([
    { kind: 'fact', key: keys.event(event), body: row },
    { kind: 'register', key: keys.unlogged(event), body: { key }, expected: 'absent' },
    { kind: 'register', key: head.key, body: { ...(head.body as object), incumbent: event }, expected: head.revision },
  ]);
  if (moved.kind !== 'committed') throw new Error('not forged');
  return event;
}

async function verified(event: EventHash, by: Trust, at: KeyedWorld = world): Promise<string> {
  const stored = await readEvent(at, event);
  if (stored === undefined) throw new Error('not there');
  const { checks } = await verifyEvent(stored.envelope, event, by, async (key) => {
    if (key !== proofKey(event)) return at.vault.get(key);
    const proof = await proofOf(at, event, stolenSince(at.signer, stored.envelope));
    return proof === undefined ? undefined : new TextEncoder().encode(proof);
  });
  const bad = checks.filter(({ ok }) => !ok);
  return bad.length === 0 ? 'ok' : bad.map(({ name, code }) => `${name} ${code}`).join('; ');
}

async function gate(event: EventHash, { promotion }: TestEvidence, by: Trust = trust, at: KeyedWorld = world): Promise<string> {
  const { model, scope } = promotion;
  if (isAbsent(model)) throw new Error('no model');
  const { verdict, code } = await judge(
    at,
    { event, root: model.root, manifest: model.manifest, line: scope.line, environment: scope.environment },
    by,
  );
  return `${verdict} ${code}`;
}

describe('case 20: a key stolen at T', () => {
  it('R12 what a witness had seen before T still verifies, from its own bytes and proof', async () => {
    expect(await verified(before.event, trust)).toBe('ok');
    expect(await gate(before.event, before)).toBe('deny NOT_ACTIVE');
  });

  it('R12 a forged event with a time before T is refused by verify and gate, logged and witnessed as it is', async () => {
    expect(await verified(forged, trust)).toContain('signature KEY_COMPROMISED');
    expect(await gate(forged, before)).toBe('deny KEY_COMPROMISED');
    // Before anybody knew, it opened the gate: that is what the declaration ends.
    expect(await gate(forged, before, pinned(world, pin))).toBe('allow OK');
  });

  it('R12 the audit names it as none of ours, and the line counts nothing along it', async () => {
    const { faults } = await auditSealed(world, []);
    const foreign = faults.filter(({ kind }) => kind === 'foreignEnvelope').map(({ name }) => name);
    expect(foreign).toContain(envelopeKey(forged, 'approved'));
    expect(foreign).not.toContain(envelopeKey(before.event, 'approved'));
    const { line, environment } = before.promotion.scope;
    expect(await lineageOf(world, { line, environment, incumbent: forged })).toBeUndefined();
    expect(await lineageOf(world, { line, environment, incumbent: before.event })).toBeDefined();
  });

  it('R12 without the proof nothing of that key is believed; nor with a witness that the reader does not trust', async () => {
    const bytes = before.files.get(before.key) ?? new Uint8Array();
    const { checks } = await verifyEvent(bytes, before.event, trust, async (key) => before.files.get(key));
    expect(checks.find(({ name }) => name === 'signature')).toMatchObject({ ok: false, code: 'KEY_COMPROMISED' });
    const { witnesses: _, ...alone } = trust;
    expect(await verified(before.event, alone)).toContain('signature KEY_COMPROMISED');
  });

  it('R12 the proof of an honest event beside a forged one proves nothing of it', async () => {
    const stored = await readEvent(world, forged);
    const proof = new TextEncoder().encode(await proofOf(world, before.event, since));
    const read = async (key: string) => (key === proofKey(forged) ? proof : world.vault.get(key));
    const { checks } = await verifyEvent(stored?.envelope ?? new Uint8Array(), forged, trust, read);
    expect(checks.find(({ name }) => name === 'signature')).toMatchObject({ ok: false, code: 'KEY_COMPROMISED' });
  });

  it('R12 the declaration cannot be followed from the stolen key: people must be asked for the digest', async () => {
    const followed = await followedFrom(world, pin);
    expect(followed).toMatchObject({ ok: false, problems: [{ code: 'KEYS_NOT_FOLLOWED' }] });
    expect(await followedFrom(world, await keysOf(world))).toMatchObject({ ok: true, value: { steps: [] } });
  });

  it('R12 honest events since T are refused until they are re-attested; the forged one never is', async () => {
    expect(await gate(after.event, after)).toBe('deny KEY_COMPROMISED');
    const { again, refused } = await reattest(world, WHY);
    expect(again).toContain(after.event);
    expect(again).not.toContain(forged);
    expect(refused.map(({ key }) => key)).toEqual([envelopeKey(forged, 'approved')]);
    await appendToLog(world);
    const now = await sealingWith(world, world.signer);
    expect(await gate(after.event, after, trust, now)).toBe('allow OK');
    expect(await verified(after.event, trust, now)).toBe('ok');
    expect(await policyInForce(now)).toMatchObject({ ok: true });
    expect(await gate(forged, before, trust, now)).toBe('deny KEY_COMPROMISED');
    // The word of the stolen key for itself counts for nothing.
    const record = await now.vault.get(reattestedKey(after.event));
    expect(record).toBeDefined();
    expect((await reattest(now, WHY)).again).toEqual([]);
  });
});

describe('the declaration itself', () => {
  const declared = async (change: (record: KeyChange) => void, by: Partial<Trust> = {}, without = '') => {
    const sealed = (await sealedKeys(world)).at(-1);
    if (sealed === undefined) throw new Error('no list');
    const record = structuredClone(sealed.record) as KeyChange;
    change(record);
    const payload = statementBytes(statementOf(record));
    const signature = await world.signer.sign(preAuthEncoding(payload));
    const bytes = envelopeBytes(payload, world.signer.keyid, signature);
    const { checks } = await verifyEvent(bytes, null, { ...trust, ...by }, async (key) =>
      key === without ? undefined : world.vault.get(key),
    );
    return checks.flatMap(({ ok, name, code }) => (ok ? [] : [`${name} ${code}`])).join();
  };
  const peopleOf = ({ change }: KeyChange) => {
    if (change.what !== 'compromise') throw new Error('no theft');
    return change.people;
  };

  it('R12 R33 verifies as it was sealed, and not with one person, another role, or a lost sign-in', async () => {
    expect(await declared(() => undefined)).toBe('');
    const jwk = blobKey(digestOf(KIM.jwk));
    expect(await declared(() => undefined, {}, jwk)).toBe('keys FIELD_TAMPERED');
    expect(await declared(() => undefined, { issuers: ['https://other.example'] })).toBe('keys KEY_UNTRUSTED');
    const twice = (record: KeyChange) => void Object.assign(peopleOf(record), { 1: peopleOf(record)[0] });
    expect(await declared(twice)).toBe('keys SEPARATION');
    expect(
      await declared((record) => void Object.assign(peopleOf(record)[0].auth, { roles: ['policy-owner@model-risk'] })),
    ).toBe('keys NOT_YOURS');
    expect(await declared((record) => void Object.assign(peopleOf(record)[0].actor, { kind: 'service' }))).toBe(
      'keys PERSON_ONLY',
    );
    expect(await declared((record) => void Object.assign(record, { at: '2026-10-01T00:00:00.000Z' }))).toContain(
      'keys STATEMENT_INVALID',
    );
  });

  it('R13 one person, said twice, is one; a stranger to the role is told so; nobody accuses the future', async () => {
    const suspicion = { keyid: world.signer.keyid, since: world.clock.now() };
    const say = (person: Identified, more = {}) => consent(world, canonicalBytes({ ...suspicion, ...more }), person);
    expect([await say(KIM), await say(KIM)]).toMatchObject([{ value: 1 }, { value: 1 }]);
    expect(await say(ALICE)).toMatchObject({ ok: false, problems: [{ code: 'NOT_YOURS' }] });
    expect(await say(PIPELINE)).toMatchObject({ ok: false, problems: [{ code: 'PERSON_ONLY' }] });
    expect(await say(KIM, { since: '2030-01-01T00:00:00.000Z' })).toMatchObject({
      ok: false,
      problems: [{ code: 'INVALID_VALUE' }],
    });
    expect(await consentsTo(world, suspicion)).toHaveLength(1);
  });
});
