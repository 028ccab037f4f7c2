import { type Digest, digestOf } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { blobKey } from '../domain/vault-keys.ts';
import type { Vault } from '../ports.ts';

/** Larger bytes stay where they are and are named by a locator. */
export const MAX_BLOB_BYTES = 16 * 1024 * 1024;

/** Stores bytes under the digest the caller gave, after hashing them ourselves. */
export async function storeBlob(vault: Vault, digest: Digest, bytes: Uint8Array): Promise<Result<Digest>> {
  if (bytes.byteLength > MAX_BLOB_BYTES) {
    return fail(problem('BODY_TOO_LARGE', '', `${bytes.byteLength} bytes, at most ${MAX_BLOB_BYTES}; use a locator`));
  }
  const actual = digestOf(bytes);
  if (actual !== digest) return fail(problem('DIGEST_MISMATCH', '', `these bytes are ${actual}`));
  const put = await vault.putOnce(blobKey(digest), bytes);
  if (put.kind === 'already' && digestOf(put.bytes) !== digest) {
    throw new InfrastructureError(`the vault holds other bytes under ${digest}`, { retryable: false });
  }
  return ok(digest);
}
