import type { Actor } from '../../domain/actor.ts';
import type { ApprovalRequest } from '../../domain/approval-request.ts';
import type { SealedDiff } from '../../domain/diff.ts';
import type { Digest, EventHash } from '../../domain/digest.ts';
import type { ModelLine } from '../../domain/line.ts';
import type { Metric } from '../../domain/metric.ts';
import type { PromotionRequest, RequestId } from '../../domain/request.ts';
import type { Routing } from '../../domain/routing.ts';
import type { Instant } from '../../domain/text.ts';

/** The words of one rule, from the pack's rule book: Rego holds meaning, never prose. */
type RuleWords = {
  readonly title: string;
  readonly description: string;
  readonly owner: string;
  readonly remedy: string;
};
export type Rulebook = Readonly<Record<string, RuleWords>>;

export type Contribution = { readonly feature: string; readonly value: string };

/** A version sealed before. `contributions`: its own sealed explanation summary, so that rank changes can be shown. */
export type Baseline = {
  readonly event: EventHash;
  readonly model: string;
  readonly version: string;
  readonly contributions?: readonly Contribution[];
};

/** All the renderer knows. It reads no clock, no environment and no store: the same view gives the same bytes. */
export type ScreenView = {
  readonly requestId: RequestId;
  readonly approvalRequest: ApprovalRequest;
  readonly request: PromotionRequest;
  readonly diff: SealedDiff;
  readonly routing: Routing;
  readonly rulebook: Rulebook;
  /** null: model risk registered no such line. */
  readonly line: ModelLine | null;
  /** The candidate's metrics with their source; the diff has none of them when there is no baseline. */
  readonly metrics: readonly Metric[];
  readonly receivedAt: Instant;
  readonly routedAt: Instant;
  readonly requester: Actor;
  /** Bytes of explanation pictures, by digest. What is not here is listed as not shown. */
  readonly images: ReadonlyMap<Digest, Uint8Array>;
  readonly incumbent: Baseline | null;
  readonly lastHumanApproved: Baseline | null;
};
