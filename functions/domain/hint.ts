// What a registry told us, as rows. A hint says where to look; nothing in it is believed, and none of it is sealed.
import { z } from 'zod';
import { canonicalBytes } from './canonical.ts';
import { Digest, digestOf, EventHash, hexOf } from './digest.ts';
import { RequestId } from './request.ts';
import { Outcome } from './rows.ts';
import { Instant, Label, Name } from './text.ts';

/** One version of one registry that asks for one environment. */
export const Wish = z.strictObject({ registry: Name, model: Label, version: Label, environment: Name });
export type Wish = z.infer<typeof Wish>;

export const wishIdOf = ({ registry, model, version, environment }: Wish): Digest =>
  digestOf(canonicalBytes(['wish/v1', registry, model, version, environment]));

const Problems = z.array(z.strictObject({ code: z.string(), pointer: z.string(), detail: z.string() }));

/** A delivery, once. `id`: digest of its bytes with their headers, a blob of the vault; of a sweep, of what was found. */
export const HintRow = z.strictObject({
  id: Digest,
  wish: Wish,
  source: z.enum(['hook', 'sweep']),
  delivery: z.string(),
  receivedAt: Instant,
  /** Authentic, and nothing that this server was told to listen to. */
  ignored: z.string().optional(),
});
export type HintRow = z.infer<typeof HintRow>;

/** When the next try is; null: no more of its own accord. */
const Retry = { attempts: z.int().min(0), notBefore: Instant.nullable(), problems: Problems };

/** Asked for, and not yet a request. */
export const SoughtRow = z.strictObject({
  wish: Wish,
  hint: Digest,
  since: Instant,
  state: z.enum(['new', 'needsEvidence']),
  ...Retry,
});
export type SoughtRow = z.infer<typeof SoughtRow>;

/** A request that a registry is to be told the end of. */
export const MatchedRow = z.strictObject({ wish: Wish, request: RequestId, since: Instant, ...Retry });
export type MatchedRow = z.infer<typeof MatchedRow>;

/** What was written into the registry, and read back. */
export const ReceiptRow = z.strictObject({
  wish: Wish,
  request: RequestId,
  event: EventHash,
  outcome: Outcome,
  alias: Label.nullable(),
  at: Instant,
});
export type ReceiptRow = z.infer<typeof ReceiptRow>;

/** The act that an alias was last made to follow: a rollback, a revocation, an end. One row for each alias. */
export const MovedRow = z.strictObject({
  registry: Name,
  model: Label,
  alias: Label,
  line: Name,
  event: EventHash,
  /** When it was done and read back; null until then. */
  at: Instant.nullable(),
  /** Null: it was taken away, or is not done yet. */
  version: Label.nullable(),
  ...Retry,
});
export type MovedRow = z.infer<typeof MovedRow>;

/** An alias that stands elsewhere than the sealed events say (R21). */
export const AlarmRow = z.strictObject({
  registry: Name,
  model: Label,
  alias: Label,
  line: Name,
  environment: Name,
  found: Label.nullable(),
  expected: Label.nullable(),
  event: EventHash.nullable(),
  since: Instant,
});
export type AlarmRow = z.infer<typeof AlarmRow>;

export const releasedPk = (wish: Wish): string => `RELEASED#${hexOf(wishIdOf(wish))}`;

type AliasPlace = Pick<AlarmRow, 'registry' | 'model' | 'alias'>;
const aliasKey = ({ registry, model, alias }: AliasPlace): string => hexOf(digestOf(canonicalBytes([registry, model, alias])));

export const hintKeys = {
  /** By delivery, so that each is taken once. The sender's id is free text, so it is hashed. */
  hint: (registry: string, delivery: string) => ({ pk: `HINT#${registry}`, sk: hexOf(digestOf(delivery)) }),
  soughtPk: 'SOUGHT',
  sought: (wish: Wish) => ({ pk: 'SOUGHT', sk: hexOf(wishIdOf(wish)) }),
  matchedPk: 'MATCHED',
  matched: (request: RequestId) => ({ pk: 'MATCHED', sk: request }),
  released: (wish: Wish, request: RequestId) => ({ pk: releasedPk(wish), sk: request }),
  movedPk: 'MOVED',
  moved: (place: AliasPlace) => ({ pk: 'MOVED', sk: aliasKey(place) }),
  alarmPk: 'ALARM',
  alarm: (place: AliasPlace) => ({ pk: 'ALARM', sk: aliasKey(place) }),
} as const;

/** As a reader is told. */
export type HintState = 'new' | 'needsEvidence' | 'matched' | 'ignored';
