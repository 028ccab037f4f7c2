import { z } from 'zod';
import { openEnvelope, type Signed, verifyEnvelope } from './event/envelope.ts';
import { fail, ok, problem, type Result } from './result.ts';
import type { Instant } from './text.ts';
import type { Trust } from './trust.ts';

/** Its own type: no signature over an event can ever be taken for one over a pack, nor the other way round. */
export const PACK_PAYLOAD_TYPE = 'application/vnd.countersign.pack+json';

export const RELEASE_SIGNATURE = 'release.dsse.json';

/** Every source by its path under policies/: what an auditor reads, and rebuilds with the OPA version of the manifest. */
export const Sources = z.strictObject({ schema: z.literal('sources/v0'), files: z.record(z.string().min(1), z.string()) });

/**
 * Is this manifest signed by a key that the reader trusts? No signature file, an empty list of signatures, another payload and
 * an unknown key are one answer: not signed. A stripped signature must never pass for "nothing to check" (GHSA-g2pf-6v5v-qcc8).
 */
export function checkReleaseSignature(
  manifest: Uint8Array,
  signature: Uint8Array | undefined,
  trust: Trust,
  at: Instant | undefined,
  proven?: Instant,
): Result<Signed> {
  const no = (detail: string) => fail(problem('POLICY_NOT_SIGNED', `/${RELEASE_SIGNATURE}`, detail));
  if (signature === undefined) return no('the signature is missing');
  const opened = openEnvelope(signature, PACK_PAYLOAD_TYPE);
  if (!opened.ok) return no(`not an envelope around a pack: ${opened.problems[0]?.pointer} ${opened.problems[0]?.detail}`);
  if (Buffer.compare(opened.value.payload, manifest) !== 0) return no('the signature is over another manifest');
  const verified = verifyEnvelope(opened.value, trust, at, proven);
  return verified.ok ? ok(verified.value) : no(verified.problems[0]?.detail ?? 'no signature verifies');
}
