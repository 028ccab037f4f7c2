// What the stages need from the world. Each interface states its law; one contract suite (test/contract) holds every
// adapter to it. Faults throw InfrastructureError; "not there" and "already there" are values.
import type { Principal } from './domain/actor.ts';
import type { Digest, EventHash } from './domain/digest.ts';
import type { Locator } from './domain/model.ts';
import type { Offer } from './domain/offer.ts';
import type { RequestId } from './domain/request.ts';
import type { Result } from './domain/result.ts';
import type { Instant } from './domain/text.ts';

/**
 * Object keys, for ever: `events/<hex>.dsse.json`, `records/<hex>.dsse.json`, `blobs/<hex>`, `said/<hex>.json`,
 * `votes/<key>.json`, `packs/<hex>/<file>`, `journal/<n>`, and the log's.
 */
export type VaultKey = string;

export type PutOutcome = { readonly kind: 'stored' } | { readonly kind: 'already'; readonly bytes: Uint8Array };

/**
 * Write-once objects, the truth.
 * LAW 1: when putOnce answers, the bytes are durable. LAW 2: a key never changes its bytes; a second putOnce answers
 * `already` with what is there, whoever wrote it. LAW 3: get after putOnce answers exactly those bytes.
 * LAW 4: of two putOnce at once exactly one is `stored`. LAW 5: a crash leaves the whole object or none. LAW 6: get, size and
 * list answer at least what was stored before they were asked, whoever stored it; list in order, each key once.
 */
export interface Vault {
  putOnce(key: VaultKey, bytes: Uint8Array): Promise<PutOutcome>;
  get(key: VaultKey): Promise<Uint8Array | undefined>;
  /** Size in bytes without reading, or undefined. */
  size(key: VaultKey): Promise<number | undefined>;
  list(prefix: VaultKey): AsyncIterable<VaultKey>;
}

export type RowKey = { readonly pk: string; readonly sk: string };
export type Row = { readonly key: RowKey; readonly body: unknown; readonly revision: number };

/**
 * `fact`: written once, never changed, never deleted. `register`: one current value, replaced only by who has read it.
 */
export type Write =
  | { readonly kind: 'fact'; readonly key: RowKey; readonly body: unknown }
  | { readonly kind: 'register'; readonly key: RowKey; readonly body: unknown; readonly expected: number | 'absent' }
  | { readonly kind: 'clear'; readonly key: RowKey; readonly expected: number };

export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'conflict'; readonly key: RowKey; readonly found: Row | undefined };

/**
 * The index: a cache of the vault that can be rebuilt from it, and the place where races are decided.
 * LAW 1: commit writes all or nothing, durably. LAW 2: a fact whose key exists is a conflict that names the stored row, and
 * nothing is written. LAW 3: a register is written only over the revision that was read. LAW 4: of two commits that conflict
 * exactly one wins. LAW 5: list answers a partition's rows ordered by sk. LAW 6: get and list answer at least what was committed
 * before they were asked, through whichever handle; a list that is older than the row beside it would leave out a vote.
 * Client tokens are never the idempotency.
 */
export interface Index {
  get(key: RowKey): Promise<Row | undefined>;
  list(pk: string, skPrefix?: string): Promise<readonly Row[]>;
  commit(writes: readonly Write[]): Promise<CommitOutcome>;
  /** Throws when these writes could never be committed together, whatever is stored; where rows and commits have a largest size. */
  fits?(writes: readonly Write[]): void;
}

/**
 * LAW: sign answers a signature over `bytes`, verifiable with `spki`. `p256`: ECDSA P-256 (DER) over their SHA-256, which may
 * differ each time; envelopes are signed so. `ed25519`: RFC 8032 over the bytes themselves, always the same; checkpoints.
 */
export interface Signer {
  readonly algorithm: 'p256' | 'ed25519';
  readonly keyid: string;
  /** PEM of the public key. */
  readonly spki: string;
  readonly keyClass: 'dev' | 'prod';
  /** Keys that sealed in this store before this one: what they sealed is ours as well (sealed.ts). */
  readonly former?: readonly FormerKey[];
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** `since`, `honest`: it was stolen then, and only these events of it are ours; without them all that it signed. */
export type FormerKey = {
  readonly keyid: string;
  readonly spki: string;
  readonly since?: Instant;
  readonly honest?: ReadonlySet<EventHash>;
};

/** LAW: never runs backwards within a process. The only clock there is. */
export interface Clock {
  now(): Instant;
}

/** A checked token: who, the verifying JWK's canonical bytes (for the vault), the raw token (for the erasable store). */
export type Identified = { readonly principal: Principal; readonly jwk: Uint8Array; readonly token: string };

/** LAW: answers a principal only for a token whose signature, issuer, audience and times were checked; else UNAUTHENTICATED, never why. */
export interface Identity {
  verify(bearer: string): Promise<Result<Identified>>;
}

/** LAW: wake may be lost, doubled or early; it carries nothing but the id. All that matters is in the rows. */
export interface Workflow {
  wake(request: RequestId): void;
}

/**
 * LAW: answers the bytes behind a locator's immutable id, or undefined when they are gone. The caller hashes them.
 *
 * @public the law stands before the first adapter for larger data
 */
export interface Bytes {
  open(locator: Locator): Promise<AsyncIterable<Uint8Array> | undefined>;
}

/**
 * Text that must be erasable one day (tokens): beside the evidence, never in it.
 * LAW 1: the first text kept under a digest stands. LAW 2: after erase no byte of it is left in the store, and nothing else there
 * is different; erasing what is not there is no fault.
 */
export interface Erasable {
  keep(digest: Digest, text: string): Promise<void>;
  erase(digest: Digest): Promise<void>;
}

/**
 * LAW: answers a token of RFC 3161 over the SHA-256 of `bytes`, made for this very call, or throws. Optional: nothing that is
 * sealed waits for it, and who gets a token verifies it.
 */
export interface Timestamper {
  stamp(bytes: Uint8Array): Promise<Uint8Array>;
}

/**
 * Notes that must be kept while the evidence store does not answer: beside it, never evidence themselves.
 * LAW: append answers when the line is durable; read answers all lines in order, also those of other processes.
 */
export interface Spool {
  append(line: unknown): Promise<void>;
  read(): Promise<readonly unknown[]>;
}

/**
 * For callers whose way to us takes less than an object may have. LAW: at an address of `upload` only bytes of that digest and size
 * can be put, once, and what stands there already is not changed; a caller must send the headers. An address is a bearer secret for
 * some minutes, and stands in no log.
 */
export interface Direct {
  /** Bytes that still go through us, up and down. */
  readonly largest: number;
  upload(digest: Digest, size: number): Promise<Offer>;
  download(key: VaultKey): Promise<string>;
}

/** What a model registry says runs where. LAW: it only tells; nothing of it is an approval (R21). */
export interface Production {
  aliases(): Promise<readonly { readonly line: string; readonly environment: string; readonly root: Digest }[]>;
}

/**
 * Whoever may sign, where this process may not. LAW: answers when all that was frozen before the call is sealed, or throws. It is
 * handed nothing to sign: what is sealed follows from the rows. `request`: one that is decided, also while the store is frozen.
 */
export interface Sealer {
  seal(request?: RequestId): Promise<void>;
}

/** Whoever may sign checkpoints, where this process may not. LAW: append may be lost; the next one takes all that is waiting. */
export interface Sequencer {
  append(): Promise<void>;
}

/** What a stage is handed. */
export type World = {
  readonly vault: Vault;
  readonly index: Index;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly workflow: Workflow;
  /** Absent where this process seals. */
  readonly sealer?: Sealer;
};
