import { type Digest, type EventHash, hexOf } from './digest.ts';
import type { Outcome } from './rows.ts';

// Object keys, for ever (design §9).

const KEY =
  /^(?:(?:events|records)\/[0-9a-f]{64}\.dsse\.json|blobs\/[0-9a-f]{64}|said\/[0-9a-f]{64}\.json|votes\/[0-9a-f]{64}\.json|packs\/[0-9a-f]{64}\/[a-z0-9][a-z0-9._-]*)$/;

/** The transparency log, laid out as C2SP tlog-tiles wants it; `proofs` only in exported folders, because it is made anew. */
const LOG_KEY =
  /^log\/(?:tile\/(?:\d|[1-5]\d|6[0-3]|entries)\/(?:x\d{3}\/){0,5}\d{3}(?:\.p\/[1-9]\d{0,2})?|checkpoints\/\d{1,16}|(?:cosignatures|timestamps)\/\d{1,16}\/[0-9a-f]{64}|proofs\/[0-9a-f]{64}\.tlog-proof)$/;

const JOURNAL_KEY = /^journal(?:\/\d{3}){3}$/;

/** Beside an event whose key was stolen later: the record that says it is honest, once more under the event's own name. */
const REATTESTED_KEY = /^reattested\/[0-9a-f]{64}\.dsse\.json$/;

/** Known words, hex and one file name: no text that passes here leads out of a folder. */
export const isVaultKey = (text: string): boolean =>
  [KEY, LOG_KEY, JOURNAL_KEY, REATTESTED_KEY].some((pattern) => pattern.test(text));

export const blobKey = (digest: Digest): string => `blobs/${hexOf(digest)}`;

/**
 * What people proposed and approved, by its digest. Apart from the blobs, which anybody with a token may upload: with edited rows
 * such a blob could stand in for somebody's word.
 */
export const saidKey = (digest: Digest): string => `said/${hexOf(digest)}.json`;

export const voteObjectKey = (voteKey: string): string => `votes/${voteKey}.json`;

export const packKey = (pack: Digest, file: string): string => `packs/${hexOf(pack)}/${file}`;

/** Only an approved promotion lies under `events/`: a listing of that folder is a listing of approvals. */
export const envelopeKey = (hash: EventHash, outcome: Outcome | null): string =>
  `${outcome === 'approved' ? 'events' : 'records'}/${hexOf(hash)}.dsse.json`;

export const reattestedKey = (hash: EventHash): string => `reattested/${hexOf(hash)}.dsse.json`;

export const checkpointKey = (size: number): string => `log/checkpoints/${size}`;
/** `witness`: the hash of its note key. */
export const cosignatureKey = (size: number, witness: string): string => `log/cosignatures/${size}/${witness}`;
/** `authority`: the SHA-256 of its certificate. */
export const timestampKey = (size: number, authority: string): string => `log/timestamps/${size}/${authority}`;
export const proofKey = (hash: EventHash): string => `log/proofs/${hexOf(hash)}.tlog-proof`;

/** The n-th transaction of the index, from 1; in folders of a thousand, so that none grows without end. */
export function journalKey(n: number): string {
  const digits = String(n).padStart(9, '0');
  return `journal/${digits.slice(0, 3)}/${digits.slice(3, 6)}/${digits.slice(6)}`;
}

/** Bytes by vault key, from a vault or an exported folder. */
export type Read = (key: string) => Promise<Uint8Array | undefined>;
