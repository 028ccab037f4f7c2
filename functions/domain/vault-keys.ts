import { type Digest, type EventHash, hexOf } from './digest.ts';
import type { Outcome } from './rows.ts';

// Object keys, for ever (design §9).

export const blobKey = (digest: Digest): string => `blobs/${hexOf(digest)}`;

export const voteObjectKey = (voteKey: string): string => `votes/${voteKey}.json`;

export const packKey = (pack: Digest, file: string): string => `packs/${hexOf(pack)}/${file}`;

/** Only an approved promotion lies under `events/`: a listing of that folder is a listing of approvals. */
export const envelopeKey = (hash: EventHash, outcome: Outcome | null): string =>
  `${outcome === 'approved' ? 'events' : 'records'}/${hexOf(hash)}.dsse.json`;

/** Bytes by vault key, from a vault or an exported folder. */
export type Read = (key: string) => Promise<Uint8Array | undefined>;
