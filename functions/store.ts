// Typed reads over the ports, shared by the stages: what is in the store was checked when it was written, so anything that
// does not read back is an infrastructure fault, never a refusal.
import type { z } from 'zod';
import { canonicalBytes } from './domain/canonical.ts';
import { type Digest, digestOf, type EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { parseBytes } from './domain/parse.ts';
import type { RequestId } from './domain/request.ts';
import { type Dossier, dossierOf, EMPTY_HEAD, type EventRow, Head, keys, latestOf } from './domain/rows.ts';
import { type Instant, laterOf } from './domain/text.ts';
import { blobKey } from './domain/vault-keys.ts';
import type { Clock, Index, Row, Vault, Write } from './ports.ts';

const LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 64 };

/** Bytes of a blob, hashed again on the way out: a flipped bit in the vault is named here and goes no further. */
export async function readBlob(vault: Pick<Vault, 'get'>, digest: Digest): Promise<Uint8Array> {
  const bytes = await vault.get(blobKey(digest));
  if (bytes === undefined) throw new InfrastructureError(`the vault has lost ${digest}`, { retryable: true });
  const actual = digestOf(bytes);
  if (actual !== digest) throw new InfrastructureError(`the vault holds ${actual} under ${digest}`, { retryable: false });
  return bytes;
}

export async function readJsonBlob<S extends z.ZodType>(
  vault: Pick<Vault, 'get'>,
  digest: Digest,
  schema: S,
): Promise<z.infer<S>> {
  const parsed = parseBytes(schema, await readBlob(vault, digest), LIMITS);
  if (parsed.ok) return parsed.value;
  const first = parsed.problems[0];
  throw new InfrastructureError(`${digest} does not read back: ${first?.pointer} ${first?.detail}`, { retryable: false });
}

/** Stores a value we built as its canonical bytes and answers their digest. */
export async function storeJson(vault: Vault, value: unknown): Promise<Digest> {
  return storeBytes(vault, canonicalBytes(value));
}

export async function storeBytes(vault: Vault, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes);
  await vault.putOnce(blobKey(digest), bytes);
  return digest;
}

/**
 * The instant of the next fact of a request: never before one it has already. A machine whose clock was put back over a restart
 * would else seal a vote before the screen it is over, and every verifier would call that tampering.
 */
export function nowFor(clock: Clock, dossier: Dossier): Instant {
  return laterOf(clock.now(), latestOf(dossier));
}

export async function readDossier(index: Index, id: RequestId): Promise<Dossier | undefined> {
  return dossierOf(await index.list(keys.requestPk(id)));
}

export async function readHead(
  index: Index,
  line: string,
  environment: string,
): Promise<{ head: Head; revision: number | 'absent' }> {
  const row: Row | undefined = await index.get(keys.head(line, environment));
  return row === undefined ? { head: EMPTY_HEAD, revision: 'absent' } : { head: Head.parse(row.body), revision: row.revision };
}

/** An event's row never stands alone: with it goes the note that the log lacks it, so that no event can be left out (W15). */
export const eventWrites = (hash: EventHash, row: z.infer<typeof EventRow>): Write[] => [
  { kind: 'fact', key: keys.event(hash), body: row },
  { kind: 'register', key: keys.unlogged(hash), body: { key: row.key }, expected: 'absent' },
];
