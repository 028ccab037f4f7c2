// What the log's steps work with, and where the log stands.
import { z } from 'zod';
import { type Digest, digestFromHex } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import type { Hash } from '../domain/log/merkle.ts';
import { keys, LogHeadRow, LogPublishedRow } from '../domain/rows.ts';
import type { Index, Sequencer, Signer, Vault } from '../ports.ts';

/** The log's name, for ever, and the Ed25519 key that signs its checkpoints. */
export type LogIdentity = {
  readonly origin: string;
  readonly signer: Signer;
  /** The key that goes, while witnesses and readers learn of the one that came: it signs beside it. */
  readonly outgoing?: readonly Signer[];
  /** Public keys (PEM) that signed checkpoints of this log before. */
  readonly former?: readonly string[];
};

export type LogWorld = {
  readonly vault: Vault;
  readonly index: Index;
  readonly tlog: LogIdentity;
  /** Absent where this process appends. */
  readonly sequencer?: Sequencer;
};

/** Entries of one append as they are staged in the vault, base64, before the head moves to them. */
export const StagedEntries = z.strictObject({ schema: z.literal('log-entries/v0'), entries: z.array(z.base64()) });

export const digestOfHash = (hash: Hash): Digest => digestFromHex(Buffer.from(hash).toString('hex'));

export async function readLogHead(index: Index): Promise<{ row: LogHeadRow; revision: number } | undefined> {
  const row = await index.get(keys.logTree);
  return row === undefined ? undefined : { row: LogHeadRow.parse(row.body), revision: row.revision };
}

export async function readPublished(index: Index): Promise<{ size: number; root: Digest; revision: number } | undefined> {
  const row = await index.get(keys.logPublished);
  return row === undefined ? undefined : { ...LogPublishedRow.parse(row.body), revision: row.revision };
}

/** What is in the vault is not what the committed head says: a fork, an attack or a bug. Nothing is signed from here on. */
export const halt = (why: string): never => {
  throw new InfrastructureError(`the log stops: ${why}`, { retryable: false });
};
