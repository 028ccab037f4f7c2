import { canonicalBytes } from './canonical.ts';
import { sha256Hex } from './crypto.ts';
import { type Digest, digestFromHex, hexOf } from './digest.ts';

type NamedDigest = { readonly path: string; readonly digest: Digest };

/** Unicode code points, as OpenSSF Model Signing v1.0 §5.2.1 asks; JavaScript's own order is by UTF-16 units. */
function byCodePoint(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * By the whole path, `/` being a character like another. The Python package model-signing 1.1.1 orders by path parts
 * instead; the two differ only where a folder's name starts a sibling's (`a/x` and `a-1`). The specification decides here.
 */
const inOrder = <F extends NamedDigest>(files: readonly F[]): F[] => [...files].sort((a, b) => byCodePoint(a.path, b.path));

/** OpenSSF Model Signing v1.0 §6.5.1: SHA-256 over the raw file digests in path order. It covers digests, not names. */
export function omsRootOf(files: readonly NamedDigest[]): Digest {
  const digests = inOrder(files).map((file) => Buffer.from(hexOf(file.digest), 'hex'));
  return digestFromHex(sha256Hex(Buffer.concat(digests)));
}

/** The manifest file: the statement an OMS signer signs, in canonical bytes, so that names are bound as well as digests. */
export function omsManifestBytes(files: readonly NamedDigest[], name: string): Uint8Array {
  return canonicalBytes({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { sha256: hexOf(omsRootOf(files)) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources: inOrder(files).map((file) => ({ name: file.path, algorithm: 'sha256', digest: hexOf(file.digest) })),
    },
  });
}
