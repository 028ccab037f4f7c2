// What custodians say, and the list that is frozen, lie where no upload goes: a row that was edited finds no forged word there.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditSealed } from '../../../functions/audit/audit.ts';
import { consequencesOf } from '../../../functions/consequences.ts';
import { canonicalBytes, canonicalDigest } from '../../../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { saidKey } from '../../../functions/domain/vault-keys.ts';
import { storeBlob } from '../../../functions/intake/blob.ts';
import { rotate } from '../../../functions/keys/changes.ts';
import { consentsTo } from '../../../functions/keys/consent.ts';
import { finishKeys, oldestUnsealed, pendingKeys } from '../../../functions/keys/keys.ts';
import type { Row } from '../../../functions/ports.ts';
import { sealRecord } from '../../../functions/seal/record.ts';
import { accusedIn, KIM, WHY } from '../../support/key-folder.ts';
import { type KeyedWorld, newSigner, openKeyedWorld } from '../../support/stolen-key.ts';

let world: KeyedWorld;
beforeEach(async () => {
  world = await openKeyedWorld();
});
afterEach(() => world.close());

/** What anybody with a token may do: bytes of their own, under their hash. */
async function uploaded(value: object): Promise<Digest> {
  const bytes = canonicalBytes(value);
  const stored = await storeBlob(world.vault, digestOf(bytes), bytes);
  expect(stored.ok).toBe(true);
  return digestOf(bytes);
}

const sayingOf = async (digest: Digest) =>
  JSON.parse(new TextDecoder().decode(await world.vault.get(saidKey(digest)))) as Record<string, unknown>;

/** The same store after somebody wrote into its table. */
function edited(change: (row: Row) => Row): KeyedWorld {
  const list: typeof world.index.list = async (pk, prefix) => (await world.index.list(pk, prefix)).map(change);
  const index = { ...world.index, get: world.index.get.bind(world.index), commit: world.index.commit.bind(world.index), list };
  return Object.assign(Object.create(world), { index });
}

describe('R12 R33 a forged word with an edited row', () => {
  it('no person is made to have said that a key is stolen', async () => {
    const suspicion = { keyid: world.signer.keyid, since: world.clock.now() };
    await accusedIn(world, suspicion.keyid, suspicion.since, [KIM]);
    const [row] = (await world.index.list(keys.keysPk)).filter(({ body }) => 'consent' in (body as object));
    if (row === undefined) throw new Error('nothing was said');
    const real = (row.body as { consent: Digest }).consent;
    const said = await sayingOf(real);
    const actor = { ...(said['actor'] as object), sub: 'person-lee' };
    const consent = await uploaded({ ...said, actor });
    const forged = edited((one) => (one.key.sk === row.key.sk ? { ...one, body: { consent } } : one));
    await expect(consentsTo(forged, suspicion)).rejects.toThrow('the vault has lost');
    const { faults } = await auditSealed(world, [{ ...row, body: { consent } }]);
    expect(faults.filter(({ kind }) => kind === 'rowWithoutObject')).toMatchObject([
      { detail: expect.stringContaining('said/') },
    ]);
    expect((await auditSealed(world, [row])).faults.filter(({ kind }) => kind === 'rowWithoutObject')).toEqual([]);
    expect(await consentsTo(world, suspicion)).toHaveLength(1);
  });

  it('no list of keys is signed but the one that was frozen', async () => {
    const next = await newSigner(world, 'second');
    expect((await rotate(world, 'seal', next, WHY)).ok).toBe(true);
    const pending = await pendingKeys(world);
    if (pending === undefined) throw new Error('nothing is frozen');
    const record = await uploaded({ ...pending.record, reason: 'Another list, of somebody else’s making.' });
    const forged = edited((one) =>
      one.key.sk.startsWith('proposed#') ? { ...one, body: { ...(one.body as object), record } } : one,
    );
    await expect(finishKeys(forged, [world.signer, next])).rejects.toThrow('the vault has lost');
    await finishKeys(world, [world.signer, next]);
    expect(await pendingKeys(world)).toBeUndefined();
  });
});

it('R13 a record that is frozen and not sealed counts for the window of the key that will seal it', async () => {
  const { sign } = world.signer;
  Object.assign(world.signer, { sign: () => Promise.reject(new Error('the key does not answer')) });
  const at = world.clock.now();
  const sealed = sealRecord(world, canonicalDigest(['canary/v1', at]), { kind: 'canary', at }, consequencesOf);
  await expect(sealed).rejects.toThrow('the key does not answer');
  Object.assign(world.signer, { sign });
  world.later(60_000);
  expect(await oldestUnsealed(world, world.clock.now())).toBe(at);
});
