// Who can write rows of the index, and upload blobs as every pipeline can, and wants a key of theirs in our list.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { handleOf } from '../../../functions/domain/actor.ts';
import { canonicalBytes, canonicalDigest } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { keyFrom, nextSet } from '../../../functions/domain/keys/next.ts';
import { COMPROMISED } from '../../../functions/domain/keys/set.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { storeBlob } from '../../../functions/intake/blob.ts';
import { rotate } from '../../../functions/keys/changes.ts';
import { consentsTo } from '../../../functions/keys/consent.ts';
import { finishKeys, sealedKeys } from '../../../functions/keys/keys.ts';
import { storeSaid } from '../../../functions/store.ts';
import { KIM, WHY } from '../../support/key-folder.ts';
import { type KeyedWorld, keysOf, newSigner, openKeyedWorld } from '../../support/stolen-key.ts';

let world: KeyedWorld;
beforeEach(async () => {
  world = await openKeyedWorld();
});
afterEach(() => world.close());

async function uploaded(value: unknown) {
  const bytes = canonicalBytes(value);
  expect((await storeBlob(world.vault, digestOf(bytes), bytes)).ok).toBe(true);
  return digestOf(bytes);
}

it('R12 an uploaded list of keys that a row calls ours is not signed', async () => {
  const { keyid, spki, algorithm } = await newSigner(world, 'mallory');
  const at = world.clock.now();
  const out = world.signer.keyid;
  const added = keyFrom({ keyid, spki, algorithm, class: 'dev', use: ['seal', 'release'] }, at, at);
  const change = { what: 'rotation' as const, out, in: keyid };
  const record = { kind: 'keyChange', keys: nextSet(await keysOf(world), change, at, added), change, reason: WHY, at };
  const body = { record: await uploaded(record), signers: [out] };
  await world.index.commit([{ kind: 'fact', key: keys.keysProposed(2), body }]);
  await expect(finishKeys(world, [world.signer])).rejects.toThrow('the vault has lost');
  expect((await sealedKeys(world)).length).toBe(1);
});

it('R12 an uploaded word of a custodian that a row calls theirs is not counted', async () => {
  const since = world.clock.now();
  const suspicion = { keyid: world.signer.keyid, since };
  const act = canonicalDigest(['key-consent/v1', suspicion.keyid, since]);
  const { actor, auth } = KIM.principal;
  const said = { ...suspicion, schema: 'key-consent/v0', meaning: COMPROMISED, actor, auth, at: since };
  const body = { consent: await uploaded(said) };
  await world.index.commit([{ kind: 'fact', key: keys.keyConsent(act, handleOf(actor)), body }]);
  await expect(consentsTo(world, suspicion)).rejects.toThrow('the vault has lost');
});

it('R12 a key is changed while a record is frozen and not sealed, and its window begins no later', async () => {
  const at = world.clock.now();
  const id = canonicalDigest(['canary/v1', at]);
  const body = { id, record: await storeSaid(world.vault, { kind: 'canary', at }) };
  await world.index.commit([
    { kind: 'fact', key: keys.record(id, 'record'), body },
    { kind: 'register', key: keys.unsealed(id), body: {}, expected: 'absent' },
  ]);
  world.later(60_000);
  const second = await newSigner(world, 'second');
  expect((await rotate(world, 'seal', second, WHY)).ok).toBe(true);
  await finishKeys(world, [world.signer, second]);
  expect((await keysOf(world)).keys.find(({ keyid }) => keyid === second.keyid)?.notBefore).toBe(at);
});
