import type { Digest, EventHash } from '../domain/digest.ts';
import type { ModelLine } from '../domain/line.ts';
import type { Predictions } from '../domain/measure/predictions.ts';
import type { Profile } from '../domain/profile.ts';
import type { PromotionRequest } from '../domain/request.ts';
import type { DriftFinding, Suspension } from '../domain/standing.ts';
import type { Instant } from '../domain/text.ts';

/** A version a candidate is compared with: what its event sealed, read again from the vault. */
export type Baseline = {
  readonly event: EventHash;
  readonly request: PromotionRequest;
  /** Of its scoring slice; null when none was sealed. */
  readonly profileDigest: Digest | null;
  readonly profile: Profile | null;
  readonly predictions: Predictions | null;
  readonly evaluationSlice: Digest;
  readonly environment: string;
  readonly decidedAt: Instant;
};

/** The stage before this one, and the event that approved the same model there. */
export type Predecessor = { readonly environment: string; readonly event: EventHash | null };

/** Everything a comparison looks at: no clock, no store. `line` null: not registered with model risk. */
export type Comparison = {
  readonly request: PromotionRequest;
  readonly line: ModelLine | null;
  /** Codes of the pack's rules. What only newer rules ask for is not said to an older pack: what it sealed is the same again. */
  readonly rules: Pick<ReadonlySet<string>, 'has'>;
  readonly receivedAt: Instant;
  readonly bytes: (digest: Digest) => Uint8Array | undefined;
  readonly sizeOf: (digest: Digest) => number | undefined;
  readonly incumbent: Baseline | null;
  readonly lastHumanApproved: Baseline | null;
  /** Null with an incumbent: the sealed chain behind it is in doubt. */
  readonly automatedSinceHuman: number | null;
  readonly predecessor?: Predecessor | undefined;
  /** What stood against the line when the request came. */
  readonly standing: readonly StandingFact[];
};

/** A sealed record that stands, by its hash. */
export type StandingFact = { readonly event: EventHash; readonly record: DriftFinding | Suspension };
