// Typed reads over the ports, shared by the stages: what is in the store was checked when it was written, so anything that
// does not read back is an infrastructure fault, never a refusal.
import type { z } from 'zod';
import { canonicalBytes } from './domain/canonical.ts';
import { type Digest, digestOf, type EventHash } from './domain/digest.ts';
import { type Dossier, dossierOf, latestOf } from './domain/dossier.ts';
import { InfrastructureError } from './domain/errors.ts';
import { parseBytes } from './domain/parse.ts';
import type { RequestId } from './domain/request.ts';
import { EMPTY_HEAD, type EventRow, Head, keys } from './domain/rows.ts';
import { type Instant, laterOf } from './domain/text.ts';
import { blobKey, saidKey } from './domain/vault-keys.ts';
import type { Clock, Index, Row, Vault, Write } from './ports.ts';

const LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 64 };

/** Bytes of a blob, hashed again on the way out: a flipped bit in the vault is named here and goes no further. */
export async function readBlob(vault: Pick<Vault, 'get'>, digest: Digest): Promise<Uint8Array> {
  return bytesAt(vault, blobKey(digest), digest);
}

async function bytesAt(vault: Pick<Vault, 'get'>, key: string, digest: Digest): Promise<Uint8Array> {
  const bytes = await vault.get(key);
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
  return parsedAs(await readBlob(vault, digest), digest, schema);
}

function parsedAs<S extends z.ZodType>(bytes: Uint8Array, digest: Digest, schema: S): z.infer<S> {
  const parsed = parseBytes(schema, bytes, LIMITS);
  if (parsed.ok) return parsed.value;
  const first = parsed.problems[0];
  throw new InfrastructureError(`${digest} does not read back: ${first?.pointer} ${first?.detail}`, { retryable: false });
}

/** What somebody proposed or approved, where no upload can put it. */
export async function storeSaid(vault: Vault, value: unknown): Promise<Digest> {
  const bytes = canonicalBytes(value);
  const digest = digestOf(bytes);
  await vault.putOnce(saidKey(digest), bytes);
  return digest;
}

export async function readSaid<S extends z.ZodType>(vault: Pick<Vault, 'get'>, digest: Digest, schema: S): Promise<z.infer<S>> {
  return parsedAs(await bytesAt(vault, saidKey(digest), digest), digest, schema);
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
