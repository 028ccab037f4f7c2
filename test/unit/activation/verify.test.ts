import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirm, propose } from '../../../functions/activation.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { handleOf } from '../../../functions/domain/actor.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../../../functions/domain/event/envelope.ts';
import { isAbsent, type PolicyActivation, statementOf } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { exportKeys } from '../../../functions/export.ts';
import { storeBlob } from '../../../functions/intake/blob.ts';
import { activated, type Desk, deskOf, FRANK, GRACE, termsFor, uploaded, value } from '../../support/activation.ts';
import { failed, flippedAt, trustIn } from '../../support/evidence.ts';
import { openWorld } from '../../support/world.ts';

type Files = Map<string, Uint8Array>;

let desk: Desk;
let trust: Trust;
let event: EventHash;
let files: Files;
let activation: PolicyActivation;

async function exported(hash: EventHash): Promise<{ files: Files; activation: PolicyActivation }> {
  const stored = await readEvent(desk, hash);
  if (stored?.predicate.kind !== 'policyActivation') throw new Error('no activation');
  const found: Files = new Map();
  for (const key of await exportKeys(desk, stored)) found.set(key, (await desk.vault.get(key)) ?? new Uint8Array());
  return { files: found, activation: stored.predicate };
}

beforeAll(async () => {
  desk = deskOf(await openWorld());
  trust = trustIn(desk);
  const report = new TextEncoder().encode('of 412 promotions, 9 would re-route');
  const whatIf = value(await storeBlob(desk.vault, digestOf(report), report));
  const id = value(await propose(desk, termsFor(await uploaded(desk), { whatIf }), FRANK));
  event = value(await confirm(desk, id, GRACE));
  ({ files, activation } = await exported(event));
});
afterAll(() => desk.close());

const envelopeOf = (from: Files) => [...from].find(([key]) => key.startsWith('records/'))?.[1] ?? new Uint8Array();

const verified = async (from: Files, believing = trust, envelope = envelopeOf(from), hash: EventHash | null = event) =>
  failed((await verifyEvent(envelope, hash, believing, async (key) => from.get(key))).checks);

type Draft<T> = { -readonly [K in keyof T]: T[K] extends object ? Draft<T[K]> : T[K] };

/** The same record said otherwise, under a signature that should never have been given. */
async function resealed(change: (draft: Draft<PolicyActivation>) => void): Promise<string[]> {
  const draft = structuredClone(activation) as Draft<PolicyActivation>;
  change(draft);
  const payload = canonicalBytes(statementOf(draft as PolicyActivation));
  const envelope = envelopeBytes(payload, desk.signer.keyid, await desk.signer.sign(preAuthEncoding(payload)));
  return verified(files, trust, envelope, null);
}

const changeOf = (draft: Draft<PolicyActivation>) => {
  if (draft.change === undefined || isAbsent(draft.change)) throw new Error('no change');
  return draft.change;
};

describe('R18 R35 the activation of a policy verifies with its bytes and a trust', () => {
  it('offline, with the release, its signature, both acts and the report', async () => {
    expect(await verified(files)).toEqual([]);
    expect([...files.keys()].filter((key) => key.startsWith('packs/')).map((key) => key.slice(71))).toEqual([
      'capabilities.json',
      'data.json',
      'manifest.json',
      'policy.wasm',
      'release.dsse.json',
      'rulebook.json',
      'sources.json',
    ]);
  });

  it('so does the first one, which nobody approved, and the next after that', async () => {
    const next = await exported(await activated(desk, await uploaded(desk, 9)));
    expect(await verified(next.files, trust, undefined, null)).toEqual([]);
    const change = changeOf(structuredClone(activation) as Draft<PolicyActivation>);
    const start = await exported(change.previous as EventHash);
    expect(start.activation.change).toEqual({ absent: 'start' });
    expect(await verified(start.files, trust, undefined, change.previous as EventHash)).toEqual([]);
  });

  it('and one that was sealed before releases were signed', async () => {
    const unsigned = await resealed((draft) => {
      delete draft.change;
      delete draft.files['release.dsse.json'];
    });
    expect(unsigned).toEqual([]);
  });

  it('one flipped byte anywhere in any object is found', async () => {
    for (const [key, bytes] of files) {
      for (const at of [0, bytes.length >> 1, -1]) {
        const found = await verified(new Map(files).set(key, flippedAt(bytes, at)));
        expect([key, at, found.length > 0]).toEqual([key, at, true]);
      }
    }
  });

  it('each missing object is found', async () => {
    for (const key of files.keys()) {
      if (key.startsWith('records/')) continue;
      const rest = new Map([...files].filter(([name]) => name !== key));
      expect([key, await verified(rest)]).toEqual([key, [key.startsWith('packs/') ? 'policy' : 'approvals']]);
    }
  });

  it('believes no release key and no issuer of its own', async () => {
    expect(await verified(files, { ...trust, keys: [] })).toEqual(['signature', 'policy']);
    expect(await verified(files, { ...trust, issuers: ['https://elsewhere.test'] })).toEqual(['approvals']);
  });

  const change = (draft: Draft<PolicyActivation>, values: object) => void Object.assign(changeOf(draft), values);
  const second = (draft: Draft<PolicyActivation>, values: object) => void Object.assign(changeOf(draft).approvals[1], values);
  it.each<[string, (draft: Draft<PolicyActivation>) => void, string]>([
    ['one person twice', (draft) => second(draft, { actor: FRANK.principal.actor }), 'approvals'],
    ['both wrote it', (draft) => change(draft, { authors: ['person-frank', handleOf(GRACE.principal.actor)] }), 'approvals'],
    ['a role not held', (draft) => second(draft, { auth: { ...GRACE.principal.auth, roles: ['auditor'] } }), 'approvals'],
    ['another version than they said', (draft) => change(draft, { version: '2.0.0' }), 'approvals'],
    ['another report', (draft) => change(draft, { whatIf: null }), 'approvals'],
    ['another time', (draft) => void Object.assign(draft, { at: changeOf(draft).approvals[0].at }), 'approvals'],
    ['no signature', (draft) => void delete draft.files['release.dsse.json'], 'policy'],
    ['one file of the pack unsaid', (draft) => void delete draft.files['data.json'], 'policy'],
  ])('a signer that went wrong and sealed %s is found', async (_, wrong, name) => {
    expect(await resealed(wrong)).toEqual([name]);
  });
});
