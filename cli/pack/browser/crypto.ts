// Stands in for functions/domain/crypto.ts in the verifier page: the same functions, by audited libraries and the browser's own
// WebCrypto. The domain verifies synchronously, which WebCrypto cannot; only RSA, of timestamps, is left to it.
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256 as digest256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { AsnConvert } from '@peculiar/asn1-schema';
import { SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import type * as domain from '../../../functions/domain/crypto.ts';

const bytesOf = (bytes: Uint8Array | string): Uint8Array =>
  typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;

export const sha256 = (bytes: Uint8Array | string): Uint8Array => digest256(bytesOf(bytes));

export const sha256Hex = (bytes: Uint8Array | string): string => bytesToHex(sha256(bytes));

export function sha256Stream(): { update(chunk: Uint8Array): void; hex(): string } {
  const hash = digest256.create();
  return { update: (chunk) => void hash.update(chunk), hex: () => bytesToHex(hash.digest()) };
}

const OIDS: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'p256',
  '1.3.132.0.34': 'p384',
  '1.3.132.0.35': 'p521',
  '1.2.840.113549.1.1.1': 'rsa',
  '1.3.101.112': 'ed25519',
};

type Key = { readonly kind: string; readonly der: Uint8Array; readonly point: Uint8Array };

function keyOf(der: Uint8Array): Key {
  const { algorithm, subjectPublicKey } = AsnConvert.parse(der, SubjectPublicKeyInfo);
  const { algorithm: oid, parameters } = algorithm;
  // An elliptic key names its curve in the parameters: an OID, whose two bytes of tag and length come first.
  const curve = oid === '1.2.840.10045.2.1' && parameters ? oidText(new Uint8Array(parameters)) : oid;
  return { kind: OIDS[curve] ?? 'unknown', der, point: new Uint8Array(subjectPublicKey) };
}

function oidText(der: Uint8Array): string {
  const [first = 0, ...rest] = der.subarray(2);
  const arcs = [Math.floor(first / 40), first % 40];
  let arc = 0;
  for (const byte of rest) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 128) {
      arcs.push(arc);
      arc = 0;
    }
  }
  return arcs.join('.');
}

function derOfPem(pem: string): Uint8Array {
  const [, body] = /^-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem) ?? [];
  if (body === undefined) throw new Error('not the PEM of a public key');
  return Uint8Array.from(atob(body.replace(/\s/g, '')), (character) => character.charCodeAt(0));
}

export function verifyP256(spkiPem: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = keyOf(derOfPem(spkiPem));
    return key.kind === 'p256' && p256.verify(signature, bytes, key.point, { format: 'der', lowS: false });
  } catch {
    // An unreadable key or signature comes from what is being verified: it is a no, not a crash.
    return false;
  }
}

export const keyIdOf = (spkiPem: string): string => sha256Hex(derOfPem(spkiPem));

export function ed25519PublicOf(spkiPem: string): Uint8Array | undefined {
  const key = keyOf(derOfPem(spkiPem));
  return key.kind === 'ed25519' ? key.point : undefined;
}

export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, bytes, publicKey, { zip215: false });
  } catch {
    // Bytes that are no key or no signature of this curve.
    return false;
  }
}

const HASHES = { sha256: digest256, sha384, sha512 } as const;
const CURVES = { p256, p384, p521 } as const;

export const hashOf = (name: domain.HashName, bytes: Uint8Array): Uint8Array => HASHES[name](bytes);

export async function verifyBySpki(spki: Uint8Array, hash: domain.HashName, bytes: Uint8Array, signature: Uint8Array) {
  try {
    const { kind, point } = keyOf(spki);
    if (kind === 'rsa') {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: hash.replace('sha', 'SHA-') };
      const key = await crypto.subtle.importKey('spki', Uint8Array.from(spki), algorithm, false, ['verify']);
      return await crypto.subtle.verify(algorithm, key, Uint8Array.from(signature), Uint8Array.from(bytes));
    }
    if (!(kind in CURVES)) return false;
    const curve = CURVES[kind as keyof typeof CURVES];
    return curve.verify(signature, hashOf(hash, bytes), point, { format: 'der', lowS: false, prehash: false });
  } catch {
    // As above: what does not read does not verify.
    return false;
  }
}

/** Fails to compile when the domain's file asks for more or for something else than stands here. Hooks are no matter of a page. */
const same = { sha256, sha256Hex, sha256Stream, verifyP256, keyIdOf, ed25519PublicOf, verifyEd25519, hashOf, verifyBySpki };
same satisfies Omit<typeof domain, 'hmacSha256' | 'equalBytes'>;
