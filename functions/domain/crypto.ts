// The one file of the domain that touches node:crypto.
import { createHash, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

export const sha256Hex = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export const sha256 = (bytes: Uint8Array | string): Uint8Array => createHash('sha256').update(bytes).digest();

/** Feeds chunks and answers with the hex digest: for files too large to hold. */
export function sha256Stream(): { update(chunk: Uint8Array): void; hex(): string } {
  const hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') };
}

export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array => createHmac('sha256', key).update(bytes).digest();

/** In a time that does not tell where they differ. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.byteLength === b.byteLength && timingSafeEqual(a, b);

/** Verifies an ECDSA P-256 signature (DER) over the SHA-256 of `bytes`. A key of another kind never verifies. */
export function verifyP256(spkiPem: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    const { key } = keyOf(spkiPem);
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    return verify('sha256', bytes, key, signature);
  } catch {
    // An unreadable key or signature comes from what is being verified: it is a no, not a crash.
    return false;
  }
}

/** SHA-256 over the DER of the public key: the key's name everywhere. */
export const keyIdOf = (spkiPem: string): string => keyOf(spkiPem).id;

type Key = { readonly key: KeyObject; readonly id: string };
const known = new Map<string, Key>();
/** A store has a handful of keys and a hundred thousand signatures; what comes from outside must not fill the memory. */
const KNOWN = 64;

function keyOf(spkiPem: string): Key {
  const before = known.get(spkiPem);
  if (before !== undefined) return before;
  const key = createPublicKey(spkiPem);
  const made = { key, id: sha256Hex(key.export({ type: 'spki', format: 'der' })) };
  if (known.size === KNOWN) known.clear();
  known.set(spkiPem, made);
  return made;
}

/** The 32 raw bytes of an Ed25519 public key, or undefined when the key is of another kind. */
export function ed25519PublicOf(spkiPem: string): Uint8Array | undefined {
  const key = createPublicKey(spkiPem);
  const { x } = key.asymmetricKeyType === 'ed25519' ? key.export({ format: 'jwk' }) : {};
  return x === undefined ? undefined : Buffer.from(x, 'base64url');
}

/** Verifies an Ed25519 signature (RFC 8032, pure) over `bytes` with a raw public key. */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  let key: KeyObject;
  try {
    key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
      format: 'jwk',
    });
  } catch {
    // Bytes that are no key of this curve: they come from what is being verified, so it is a no.
    return false;
  }
  return verify(null, bytes, key, signature);
}

export type HashName = 'sha256' | 'sha384' | 'sha512';

export const hashOf = (name: HashName, bytes: Uint8Array): Uint8Array => createHash(name).update(bytes).digest();

/** RSA (PKCS #1 v1.5) or ECDSA (DER), as timestamping authorities sign. Asynchronous, because a browser's own is. */
export async function verifyBySpki(
  spki: Uint8Array,
  hash: HashName,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return ['rsa', 'ec'].includes(key.asymmetricKeyType ?? '') && verify(hash, bytes, key, signature);
  } catch {
    // An unreadable key or signature comes from what is being verified: it is a no, not a crash.
    return false;
  }
}
