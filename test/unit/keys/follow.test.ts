// Who pinned one list of keys comes to the next without trusting anybody anew, and nobody else brings them anywhere.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { envelopeSignedBy, preAuthEncoding } from '../../../functions/domain/event/envelope.ts';
import { statementBytes, statementOf } from '../../../functions/domain/event/statement.ts';
import { followKeys, trustIn } from '../../../functions/domain/keys/follow.ts';
import { keyFrom, nextSet } from '../../../functions/domain/keys/next.ts';
import { digestOfKeys, type Key, type KeyChange, KeySet } from '../../../functions/domain/keys/set.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import { Trust } from '../../../functions/domain/trust.ts';
import { sealedKeys } from '../../../functions/keys/keys.ts';
import type { Signer } from '../../../functions/ports.ts';
import { WHY } from '../../support/key-folder.ts';
import { type KeyedWorld, keysOf, newSigner, openKeyedWorld, pinned, rotated } from '../../support/stolen-key.ts';

let world: KeyedWorld;
let first: Signer;
let second: Signer;
let thief: Signer;
let pin: KeySet;
let honest: readonly Uint8Array[];
let record: KeyChange;

beforeAll(async () => {
  world = await openKeyedWorld();
  first = world.signer;
  pin = await keysOf(world);
  second = await newSigner(world, 'second');
  thief = await newSigner(world, 'thief');
  world = await rotated(world, second);
  const sealed = await sealedKeys(world);
  honest = sealed.map(({ envelope }) => envelope);
  record = sealed.at(-1)?.record ?? fail();
});
afterAll(() => world.close());

const fail = (): never => {
  throw new Error('no list');
};

async function signed(change: KeyChange, signers: readonly Signer[]): Promise<Uint8Array> {
  const payload = statementBytes(statementOf(change));
  const signatures = signers.map(async (one) => ({ keyid: one.keyid, signature: await one.sign(preAuthEncoding(payload)) }));
  return envelopeSignedBy(payload, await Promise.all(signatures));
}

const seal = ({ keyid, spki, algorithm, keyClass }: Signer): Parameters<typeof keyFrom>[0] => ({
  ...{ keyid, spki, algorithm, class: keyClass, use: ['seal', 'release'] },
});

/** A rotation from the pinned list to this key, with what a liar changes. */
function rotation(to: Signer, more: { key?: Partial<Key>; set?: Partial<KeySet>; at?: string } = {}): KeyChange {
  const at = (more.at ?? record.at) as Instant;
  const change = { what: 'rotation' as const, out: first.keyid, in: to.keyid };
  const set = nextSet(pin, change, at, { ...keyFrom(seal(to), at, at), ...more.key });
  return { kind: 'keyChange', keys: { ...set, ...more.set }, change, reason: WHY, at };
}

const from = (envelopes: readonly Uint8Array[]) => followKeys(digestOfKeys(pin), [...honest.slice(0, 1), ...envelopes]);

describe('keys follow', () => {
  it('R12 goes from the pinned list to the next, which both keys signed', () => {
    expect(followKeys(digestOfKeys(pin), honest)).toMatchObject({ ok: true, value: { set: record.keys, steps: [record] } });
    expect(pin.version + 1).toBe(record.keys.version);
  });

  it('R12 the trust it leads to has both keys, each in its own window', () => {
    const trust = trustIn(pinned(world, pin), record.keys);
    expect(trust.keySet).toBe(digestOfKeys(record.keys));
    expect(trust.keys).toMatchObject([
      { keyid: first.keyid, status: 'retired', notAfter: record.at },
      { keyid: second.keyid, status: 'active', use: ['seal', 'release'] },
    ]);
    expect(Trust.parse(JSON.parse(new TextDecoder().decode(canonicalBytes(trust))))).toEqual(trust);
  });

  const LIES: readonly (readonly [string, () => Promise<Uint8Array>])[] = [
    ['the thief signs alone', () => signed(rotation(thief), [thief])],
    ['the new key did not sign', () => signed(rotation(thief), [first])],
    ['only the old key signs, and names itself new', () => signed(rotation(first), [first])],
    [
      'a production key on the word of a development key',
      () => signed(rotation(thief, { key: { class: 'prod' } }), [first, thief]),
    ],
    [
      'a key that comes in for another use',
      () => signed(rotation(thief, { key: { use: ['seal', 'checkpoint'], algorithm: 'ed25519', name: 'x' } }), [first, thief]),
    ],
    ['a version is left out', () => signed(rotation(thief, { set: { version: 3 } }), [first, thief])],
    [
      'the old key is not ended',
      () =>
        signed(rotation(thief, { set: { keys: [...pin.keys, keyFrom(seal(thief), record.at, record.at)] } }), [first, thief]),
    ],
    ['signed after the window', () => signed(rotation(thief, { at: '2028-01-01T00:00:00.000Z' }), [first, thief])],
  ];
  it.each(LIES)('R12 %s: not followed', async (_, lie) => {
    const envelope = await lie();
    expect(from([envelope])).toMatchObject({ ok: false, problems: [{ code: 'KEYS_NOT_FOLLOWED' }] });
  });

  it('R12 bytes that nobody vouches for are passed over where the right list lies beside them', async () => {
    const lie = await signed(rotation(thief), [thief]);
    expect(from([lie, ...honest.slice(1)])).toMatchObject({ ok: true, value: { set: { version: 2 } } });
  });

  it('R12 two lists after one, both vouched for: a stolen key, and nobody is followed', async () => {
    const other = await signed(rotation(thief), [first, thief]);
    expect(from([...honest.slice(1), other])).toMatchObject({ ok: false, problems: [{ code: 'KEYS_NOT_FOLLOWED' }] });
  });

  it('R12 a list that is pinned must be there; a changed one is another', () => {
    expect(followKeys(digestOfKeys({ ...pin, version: 9 }), honest)).toMatchObject({ ok: false });
    expect(followKeys(digestOfKeys(pin), [])).toMatchObject({ ok: false });
  });

  it('R12 what the reader said of a class stays, whatever a list says: dev keys never become prod keys', () => {
    const lying = { ...record.keys, keys: record.keys.keys.map((key) => ({ ...key, class: 'prod' as const })) };
    const trust = trustIn({ ...pinned(world, pin), class: 'prod' }, lying);
    expect(trust.keys.find(({ keyid }) => keyid === first.keyid)?.class).toBe('dev');
    expect(trust.logs?.map((log) => log.class)).toEqual(['dev']);
    // Nor does one that came in after it, which the reader never saw.
    expect(trust.keys.map((key) => key.class)).toEqual(['dev', 'dev']);
  });

  it('R12 a list whose row is gone, or stands in for another, is no list: nobody goes back to older windows', async () => {
    for (const hidden of ['000001', '000002']) {
      const { index } = world;
      const without = {
        ...index,
        list: async (pk: string, sk?: string) => (await index.list(pk, sk)).filter(({ key }) => !key.sk.endsWith(hidden)),
      };
      const read = sealedKeys({ vault: world.vault, index: without });
      if (hidden === '000001') await expect(read).rejects.toThrow('rebuild the index');
      else expect((await read).length).toBe(1);
    }
  });

  it.each([
    ['a keyid of another key', (key: Key) => ({ ...key, keyid: 'a'.repeat(64) })],
    ['compromised without a time', (key: Key) => ({ ...key, status: 'compromised' as const })],
    ['a time without being compromised', (key: Key) => ({ ...key, compromisedSince: key.notBefore })],
    ['a window that ends before it begins', (key: Key) => ({ ...key, notAfter: '2000-01-01T00:00:00.000Z' })],
    ['no key at all', (key: Key) => ({ ...key, spki: '-----BEGIN PUBLIC KEY-----' })],
    ['a P-256 key for checkpoints', (key: Key) => ({ ...key, use: ['checkpoint'], name: 'x' })],
  ])('R12 a list with %s does not parse', (_, change) => {
    const [sealing, ...others] = pin.keys;
    expect(KeySet.safeParse({ ...pin, keys: [sealing && change(sealing as Key), ...others] }).success).toBe(false);
  });
});
