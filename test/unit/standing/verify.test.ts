import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvent } from '../../../functions/baseline.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../../functions/domain/event/envelope.ts';
import { type Predicate, type Statement, statementOf } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import { envelopeKey } from '../../../functions/domain/vault-keys.ts';
import { exportKeys } from '../../../functions/export.ts';
import { judge } from '../../../functions/gate/gate.ts';
import { packsFrom } from '../../../functions/packs.ts';
import { replay } from '../../../functions/replay.ts';
import { evidenceOf, failed, flippedAt, trustIn } from '../../support/evidence.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { drifted, measured, REPORT_DIGEST, STEPS, said } from '../../support/standing.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

type Kind = 'driftFinding' | 'suspension';
type Files = Map<string, Uint8Array>;

let world: TestWorld;
let hashes: Record<Kind, EventHash>;
const of = new Map<Kind, { predicate: Predicate; files: Files; envelope: Uint8Array }>();

beforeAll(async () => {
  world = await openWorld();
  await promote(world, await manifestAt(STEPS[0] ?? ''));
  hashes = { driftFinding: await drifted(world, [measured('0.120000')]), suspension: await said(world, 'suspended') };
  for (const kind of ['driftFinding', 'suspension'] as const) {
    const stored = await readEvent(world, hashes[kind]);
    if (stored?.predicate.kind !== kind) throw new Error('no such record');
    const files: Files = new Map();
    for (const key of await exportKeys(world, stored)) files.set(key, (await world.vault.get(key)) ?? new Uint8Array());
    of.set(kind, { predicate: stored.predicate, files, envelope: stored.envelope });
  }
});
afterAll(() => world.close());

function stored(kind: Kind) {
  const found = of.get(kind);
  if (found === undefined) throw new Error(kind);
  return found;
}

const checksOf = async (envelope: Uint8Array, event: EventHash | null, files: Files, trust = trustIn(world)) =>
  failed((await verifyEvent(envelope, event, trust, async (key) => files.get(key))).checks);

/** The same record said otherwise, under a signature that should never have been given. */
async function resealed(kind: Kind, change: object, shape: (statement: Statement) => Statement = (same) => same) {
  const statement = shape(statementOf({ ...structuredClone(stored(kind).predicate), ...change } as Predicate));
  const payload = canonicalBytes(statement);
  const envelope = envelopeBytes(payload, world.signer.keyid, await world.signer.sign(preAuthEncoding(payload)));
  return checksOf(envelope, null, stored(kind).files);
}

describe.each(['driftFinding', 'suspension'] as const)('R18 a sealed %s alone, without us', (kind) => {
  it('verifies from its export, and from nothing less', async () => {
    const { envelope, files } = stored(kind);
    expect(await checksOf(envelope, hashes[kind], files)).toEqual([]);
    for (const key of files.keys()) {
      if (key.startsWith('records/')) continue;
      const changed = new Map(files).set(key, flippedAt(files.get(key) ?? new Uint8Array(1), 0));
      expect([key, (await checksOf(envelope, hashes[kind], changed)).length]).toEqual([key, 1]);
    }
    expect(files.size).toBe(kind === 'driftFinding' ? 3 : 2);
  });

  it('is signed by a key, and said by an issuer, that the reader trusts', async () => {
    const { envelope, files } = stored(kind);
    const nobody = trustIn(world, { issuers: [] });
    expect(await checksOf(envelope, hashes[kind], files, nobody)).toEqual([kind === 'suspension' ? 'owner' : 'reporter']);
    expect(await checksOf(envelope, hashes[kind], files, trustIn(world, { keys: [] }))).toEqual(['signature']);
  });

  it('is about itself, and never of the type of an approval', async () => {
    const other = { name: 'model', digest: { sha256: '0'.repeat(64) } };
    expect(await resealed(kind, {}, (statement) => ({ ...statement, subject: [other] }))).toEqual(['statement']);
    const approval = 'https://countersign.dev/promotion-event/v0' as const;
    expect(await resealed(kind, {}, (statement) => ({ ...statement, predicateType: approval }))).toEqual(['statement']);
  });

  it('opens no gate', async () => {
    const root = REPORT_DIGEST;
    const verdict = await judge(
      world,
      { event: hashes[kind], root, manifest: root, line: 'german-credit-01-in-band-retrain', environment: 'sandbox' },
      trustIn(world),
    );
    expect(verdict).toMatchObject({ verdict: 'deny', code: 'NOT_APPROVED' });
  });
});

describe('R38 R33 who said it is part of it', () => {
  it('a pipeline, or a person, as the monitor', async () => {
    const { predicate } = stored('driftFinding');
    if (predicate.kind !== 'driftFinding') throw new Error('a finding');
    const { actor, auth } = predicate;
    expect(await resealed('driftFinding', { auth: { ...auth, roles: ['pipeline'] } })).toEqual(['reporter']);
    expect(await resealed('driftFinding', { auth: { ...auth, roles: ['monitoring', 'pipeline'] } })).toEqual(['reporter']);
    expect(await resealed('driftFinding', { actor: { ...actor, kind: 'person' } })).toEqual(['reporter']);
    expect(await resealed('driftFinding', { measured: [] })).toEqual(['statement']);
  });

  it('somebody who is not the owner of record that it names', async () => {
    const { predicate } = stored('suspension');
    if (predicate.kind !== 'suspension') throw new Error('a suspension');
    expect(await resealed('suspension', { ownerOfRecord: { iss: 'urn:x', sub: 'somebody-else' } })).toEqual(['owner']);
    expect(await resealed('suspension', { auth: { ...predicate.auth, roles: [] } })).toEqual(['owner']);
    expect(await resealed('suspension', { state: 'paused' })).toEqual(['statement']);
  });
});

it('R18a R38 a promotion that was lifted replays byte for byte from its export, with the records that stood', async () => {
  const lifted = await promote(world, { ...(await manifestAt(STEPS[1] ?? '')), answers: [hashes.driftFinding] });
  const { promotion, files } = await evidenceOf(world, lifted);
  expect(promotion.lineage.answers).toEqual([hashes.driftFinding]);
  expect(files.has(envelopeKey(hashes.driftFinding, null)) && files.has(envelopeKey(hashes.suspension, null))).toBe(true);
  const vault = { get: async (key: string) => files.get(key), size: async (key: string) => files.get(key)?.byteLength };
  expect((await replay({ vault, packs: packsFrom(vault) }, promotion)).filter(({ ok }) => !ok)).toEqual([]);

  // Another count than the sealed events give is not a replay of them.
  const { diff } = promotion;
  const edited = structuredClone(diff) as { history: { figures: { automatedSinceHuman: number } } };
  edited.history.figures.automatedSinceHuman = 1;
  const lying = await replay({ vault, packs: packsFrom(vault) }, { ...promotion, diff: edited });
  expect(failed(lying)).toContain('diff');
});
