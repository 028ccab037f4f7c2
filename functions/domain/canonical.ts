import canonicalize from 'canonicalize';
import { type Digest, digestOf } from './digest.ts';
import { invariant } from './result.ts';

/**
 * RFC 8785 (JCS) bytes of a value we built ourselves. Only for generating bytes: a verifier checks the bytes it was given
 * and never canonicalises (docs/decisions/0002).
 */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value);
  invariant(typeof text === 'string', 'only JSON values have canonical bytes');
  return new TextEncoder().encode(text);
}

export const sameJson = (a: unknown, b: unknown): boolean => Buffer.compare(canonicalBytes(a), canonicalBytes(b)) === 0;

export const canonicalDigest = (value: unknown): Digest => digestOf(canonicalBytes(value));
