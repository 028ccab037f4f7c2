import { z } from 'zod';
import { canonicalBytes } from '../canonical.ts';
import { type Digest, Digest as DigestText, digestOf, EventHash } from '../digest.ts';
import { openEnvelope } from '../event/envelope.ts';
import { parseStatement } from '../event/statement.ts';
import { ok, type Result } from '../result.ts';

/**
 * What the log says of an event: its hash, the digest of the envelope that carries it, and its kind. Nothing personal, so
 * tiles can be shown to anybody. Made again from an envelope by whoever verifies, never taken from the log.
 */
export const Leaf = z.strictObject({
  envelopeSha256: DigestText,
  eventHash: EventHash,
  kind: z.string().min(1).max(64),
  v: z.literal(0),
});
export type Leaf = z.infer<typeof Leaf>;

export const leafBytes = (leaf: Leaf): Uint8Array => canonicalBytes(leaf);

export function leafOf(envelope: Uint8Array): Result<Leaf> {
  const opened = openEnvelope(envelope);
  const statement = opened.ok ? parseStatement(opened.value.payload) : opened;
  if (!opened.ok || !statement.ok) return statement.ok ? { ok: false, problems: [] } : statement;
  const envelopeSha256: Digest = digestOf(envelope);
  return ok({ envelopeSha256, eventHash: opened.value.hash, kind: statement.value.predicate.kind, v: 0 });
}
