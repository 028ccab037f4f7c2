import type { Digest } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { Promotion } from '../domain/event/statement.ts';
import type { ModelLine } from '../domain/line.ts';
import type { Metric } from '../domain/metric.ts';
import type { PromotionRequest } from '../domain/request.ts';
import { invariant } from '../domain/result.ts';
import type { Routing } from '../domain/routing.ts';
import { type Vote, voteKeyOf } from '../domain/vote.ts';

/** Everything a statement is made of: rows and bytes frozen earlier, and nothing else. */
export type Frozen = {
  readonly dossier: Dossier;
  readonly request: PromotionRequest;
  readonly line: ModelLine | null;
  readonly diff: unknown;
  readonly routing: Routing | null;
  readonly metrics: readonly Metric[];
  /** The counted votes, in the order of the decision row, with the digest of their stored bytes. */
  readonly votes: readonly { readonly vote: Vote; readonly digest: Digest }[];
};

const absent = (why: string) => ({ absent: why });

/** Rows → predicate, without clock, randomness or reading: every retry gives the same bytes (evidence.md §0.3). */
export function promotionOf(frozen: Frozen): Promotion {
  const { dossier, request, line, routing } = frozen;
  const { decision } = dossier;
  invariant(decision !== undefined, 'only a decided request is sealed');
  const environment = line?.environments.find((candidate) => candidate.name === request.environment);
  return {
    kind: 'promotion',
    outcome: decision.outcome,
    requestId: dossier.request.id,
    model: request.model,
    challenger: {
      against: request.challenger.against,
      evaluationSlice: request.challenger.evaluationSlice,
      metrics: [...frozen.metrics],
      predictions: request.predictions ?? null,
      profiles: request.profiles,
    },
    request: {
      payload: dossier.request.payload,
      requester: dossier.request.requester,
      approvalRequest: dossier.screen?.approvalRequest ?? absent('ended-before-the-screen'),
      screen: dossier.screen?.screen ?? absent('ended-before-the-screen'),
    },
    approvals: approvalsOf(frozen),
    explanation: request.explanation,
    dataset: { slices: request.dataset, evaluationRegime: request.evaluationRegime },
    diff: frozen.diff ?? absent('refused-before-comparison'),
    routing: routing ?? absent('ended-before-routing'),
    reasons: decision.reasons,
    materiality:
      line === null ? absent('line-not-registered') : { tier: line.tier, exposure: line.exposure, purpose: line.purpose },
    scope: {
      line: request.line,
      environment: request.environment,
      class: environment?.class ?? 'unknown',
      context: request.use.context,
    },
    provenance: { code: request.code, pipelineRun: request.pipelineRun, gates: request.gates, trigger: request.trigger },
    lineage: {
      ...request.comparedWith,
      supersedes: request.supersedes ?? null,
      ...(request.answers ? { answers: request.answers } : {}),
      ...(decision.previous === undefined ? {} : { previous: decision.previous }),
    },
    times: {
      receivedAt: dossier.request.receivedAt,
      routedAt: dossier.routing?.routedAt ?? null,
      screenStoredAt: dossier.screen?.storedAt ?? null,
      decidedAt: decision.decidedAt,
    },
  };
}

function approvalsOf(frozen: Frozen): Promotion['approvals'] {
  const { dossier, routing, line } = frozen;
  const persons = frozen.votes.map(({ vote, digest }) => ({
    kind: 'person' as const,
    voteKey: voteKeyOf(vote.request, vote.actor),
    vote: digest,
    choice: vote.choice,
    meaning: vote.meaning,
    actor: vote.actor,
    auth: vote.auth,
    castAt: vote.castAt,
    signature: 'not signed by the approver' as const,
  }));
  const byPolicy = dossier.decision?.outcome === 'approved' && routing?.path === 'automated' && line !== null;
  const { actor, auth } = dossier.request.requester;
  const policies = byPolicy
    ? [{ kind: 'policy' as const, actor, auth, pack: routing.pack, ownerOfRecord: line.ownerOfRecord }]
    : [];
  const all = [...policies, ...persons];
  return all.length > 0 ? all : absent('nobody-decided');
}
