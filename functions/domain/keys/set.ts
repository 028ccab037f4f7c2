// The keys of one store, as one signed list with a number: `keys.json`. Each list names the one before it by its digest, and is
// sealed as a record of kind `keyChange`, so it lies in the vault and in the log like everything else.
import { z } from 'zod';
import { Actor, Auth } from '../actor.ts';
import { canonicalDigest } from '../canonical.ts';
import { keyIdOf } from '../crypto.ts';
import { Digest } from '../digest.ts';
import { Instant, prose } from '../text.ts';

export const KeyId = z.string().regex(/^[0-9a-f]{64}$/);

export const KeyUse = z.enum(['seal', 'release', 'checkpoint']);
export type KeyUse = z.infer<typeof KeyUse>;

/** `retired`: its window is over. `compromised`: since then somebody else may have signed with it. */
const Status = z.enum(['active', 'retired', 'compromised']);

/** A public key never expires: what it signed in its window stays verifiable. Only the window to sign in ends. */
export const Key = z
  .strictObject({
    keyid: KeyId,
    algorithm: z.enum(['p256', 'ed25519']),
    spki: z.string().startsWith('-----BEGIN PUBLIC KEY-----').max(2000),
    class: z.enum(['dev', 'prod']),
    use: z.array(KeyUse).min(1),
    /** Only of a key for checkpoints: the log's name, which its notes carry. */
    name: z.string().max(200).optional(),
    notBefore: Instant,
    notAfter: Instant,
    status: Status,
    compromisedSince: Instant.optional(),
  })
  .refine(({ status, compromisedSince }) => (status === 'compromised') === (compromisedSince !== undefined), {
    message: 'a compromised key says since when, and no other does',
  })
  .refine(({ notBefore, notAfter }) => notBefore <= notAfter, { message: 'its window ends before it begins' })
  .refine(({ use, algorithm, name }) => !use.includes('checkpoint') || (algorithm === 'ed25519' && name !== undefined), {
    message: 'checkpoints are signed by a named Ed25519 key',
  })
  .refine(({ keyid, spki }) => idFits(keyid, spki), { message: 'the keyid is not the hash of the key' });
export type Key = z.infer<typeof Key>;

export const KeySet = z
  .strictObject({
    schema: z.literal('keys/v0'),
    version: z.int().min(1),
    /** Digest of the list before; null in the first. */
    previous: Digest.nullable(),
    keys: z.array(Key).min(1).max(500),
  })
  .refine(({ version, previous }) => (version === 1) === (previous === null), { message: 'the first list follows none' })
  .refine(({ keys }) => new Set(keys.map(({ keyid }) => keyid)).size === keys.length, { message: 'a key stands twice' });
export type KeySet = z.infer<typeof KeySet>;

/** What is pinned: whoever holds this digest needs to believe nobody about the list. */
export const digestOfKeys = (set: KeySet): Digest => canonicalDigest(set);

/** Who may declare a key compromised, as the identity provider says it. */
export const KEY_CUSTODIAN = 'key-custodian@security';
export const COMPROMISED = 'I know of reasons to hold this key for compromised since that time';

const Custodian = z.strictObject({
  meaning: z.literal(COMPROMISED),
  actor: Actor,
  auth: Auth,
  at: Instant,
  signature: z.literal('not signed by the approver'),
});
export type Custodian = z.infer<typeof Custodian>;

export const KeyChange = z.strictObject({
  kind: z.literal('keyChange'),
  keys: KeySet,
  change: z.discriminatedUnion('what', [
    z.strictObject({ what: z.literal('first') }),
    z.strictObject({ what: z.literal('rotation'), out: KeyId, in: KeyId }),
    z.strictObject({ what: z.literal('retirement'), out: KeyId }),
    z.strictObject({
      what: z.literal('compromise'),
      out: KeyId,
      /** Null when the key was out of use already. */
      in: KeyId.nullable(),
      since: Instant,
      /** The last tree that witnesses had cosigned before `since`: what the key sealed after it is ours no longer. */
      witnessed: z.strictObject({ size: z.int().min(1), root: Digest }).nullable(),
      people: z.tuple([Custodian, Custodian]),
    }),
  ]),
  reason: prose(10, 2000),
  at: Instant,
});
export type KeyChange = z.infer<typeof KeyChange>;

export const keyOf = (set: KeySet, keyid: string): Key | undefined => set.keys.find((key) => key.keyid === keyid);

export const activeFor = (set: KeySet, use: KeyUse): readonly Key[] =>
  set.keys.filter((key) => key.status === 'active' && key.use.includes(use));

function idFits(keyid: string, spki: string): boolean {
  try {
    return keyIdOf(spki) === keyid;
  } catch {
    // No readable key: it comes from whoever sent the list, so it is a no.
    return false;
  }
}
