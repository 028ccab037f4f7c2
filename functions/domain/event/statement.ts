import { z } from 'zod';
import { type Agreed, BreakGlass, RevocationRecord, Transition } from '../act.ts';
import { CONFIRM, PROPOSE, Terms } from '../activation.ts';
import { Actor, Auth } from '../actor.ts';
import { canonicalBytes, canonicalDigest } from '../canonical.ts';
import { Digest, EventHash, hexOf } from '../digest.ts';
import { Explanation } from '../explanation.ts';
import { Canary, Freeze, IntentTransition, Thaw } from '../freeze.ts';
import { Reattestation } from '../keys/reattestation.ts';
import { digestOfKeys, KeyChange } from '../keys/set.ts';
import { Metric } from '../metric.ts';
import { Model } from '../model.ts';
import { parseBytes } from '../parse.ts';
import { PromotionRequest, RequestId } from '../request.ts';
import type { Result } from '../result.ts';
import { Routing } from '../routing.ts';
import { Outcome } from '../rows.ts';
import { DriftFinding, Suspension } from '../standing.ts';
import { Instant, Label, Name } from '../text.ts';
import { Choice } from '../vote.ts';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** Only an approved promotion carries this type with the model as subject. */
export const EVENT_TYPE = 'https://countersign.dev/promotion-event/v0';
/** Everything else, with the request or the thing itself as subject: no stock verifier can take a rejection for an approval. */
export const RECORD_TYPE = 'https://countersign.dev/record/v0';

/** In a record a field may be missing, and then says why; an approved event forbids it. */
const orAbsent = <S extends z.ZodType>(field: S) => z.union([field, z.strictObject({ absent: Label })]);

const Person = z.strictObject({
  kind: z.literal('person'),
  voteKey: z.string().regex(/^[0-9a-f]{64}$/),
  vote: Digest,
  choice: Choice,
  meaning: z.string(),
  actor: Actor,
  auth: Auth,
  castAt: Instant,
  signature: z.literal('not signed by the approver'),
});

/** The automated path's approver (R33): service identity, policy and its owner of record, all three. */
const Policy = z.strictObject({
  kind: z.literal('policy'),
  actor: Actor,
  auth: Auth,
  pack: Digest,
  ownerOfRecord: z.strictObject({ iss: Label, sub: Label }),
});

const shape = PromotionRequest.shape;

const Promotion = z.strictObject({
  kind: z.literal('promotion'),
  outcome: Outcome,
  requestId: RequestId,
  // the six bound fields
  model: orAbsent(Model),
  challenger: orAbsent(
    z.strictObject({
      against: shape.challenger.shape.against,
      evaluationSlice: Digest,
      metrics: z.array(Metric),
      predictions: Digest.nullable(),
      profiles: z.array(Digest),
    }),
  ),
  request: orAbsent(
    z.strictObject({
      payload: Digest,
      requester: z.strictObject({ actor: Actor, auth: Auth }),
      approvalRequest: orAbsent(Digest),
      screen: orAbsent(Digest),
    }),
  ),
  approvals: orAbsent(z.array(z.discriminatedUnion('kind', [Person, Policy])).min(1)),
  explanation: orAbsent(z.array(Explanation)),
  dataset: orAbsent(z.strictObject({ slices: shape.dataset, evaluationRegime: shape.evaluationRegime })),
  // what decided, and why
  diff: orAbsent(z.unknown()),
  routing: orAbsent(Routing),
  reasons: z.array(z.strictObject({ code: z.string(), pointer: z.string(), detail: z.string() })),
  materiality: orAbsent(z.strictObject({ tier: z.string(), exposure: z.string(), purpose: z.string() })),
  scope: z.strictObject({ line: Name, environment: Name, class: z.enum(['dev', 'prod', 'unknown']), context: Label }),
  provenance: z.strictObject({ code: shape.code, pipelineRun: shape.pipelineRun, gates: shape.gates, trigger: shape.trigger }),
  lineage: z.strictObject({
    incumbent: EventHash.nullable(),
    lastHumanApproved: EventHash.nullable(),
    supersedes: RequestId.nullable(),
    /** Drift findings that this promotion answers; absent when it names none. */
    answers: z.array(EventHash).optional(),
    /** The entry of the ledger before this one, null at the first; absent in what was not approved. */
    previous: EventHash.nullable().optional(),
  }),
  times: z.strictObject({
    receivedAt: Instant,
    routedAt: Instant.nullable(),
    screenStoredAt: Instant.nullable(),
    decidedAt: Instant,
  }),
});
export type Promotion = z.infer<typeof Promotion>;

/** The honest beginning (R20): nothing before this is filled in later. */
const Start = z.strictObject({
  kind: z.literal('start'),
  organisation: Label,
  retentionOwner: Label,
  statement: z.string().max(2000),
  at: Instant,
});

const ActivationApproval = <M extends string>(act: 'proposed' | 'confirmed', meaning: M) =>
  z.strictObject({
    act: z.literal(act),
    meaning: z.literal(meaning),
    /** Digest of the proposal or the confirmation as it was frozen when they did it. */
    record: Digest,
    actor: Actor,
    auth: Auth,
    at: Instant,
    signature: z.literal('not signed by the approver'),
  });

/** From here on this pack routes (R35): put into force by two people, or at the start by whoever started. */
const PolicyActivation = z.strictObject({
  kind: z.literal('policyActivation'),
  pack: Digest,
  files: z.record(z.string(), Digest),
  start: EventHash,
  at: Instant,
  /** Missing only in records sealed before releases were signed. */
  change: orAbsent(
    Terms.omit({ pack: true }).extend({
      previous: EventHash,
      approvals: z.tuple([ActivationApproval('proposed', PROPOSE), ActivationApproval('confirmed', CONFIRM)]),
    }),
  ).optional(),
});
export type PolicyActivation = z.infer<typeof PolicyActivation>;

export const Predicate = z.discriminatedUnion('kind', [
  Promotion,
  Start,
  PolicyActivation,
  Transition,
  RevocationRecord,
  BreakGlass,
  DriftFinding,
  Suspension,
  KeyChange,
  Reattestation,
  Canary,
  Freeze,
  Thaw,
  IntentTransition,
]);
export type Predicate = z.infer<typeof Predicate>;

/** What people agreed on beside promotions. */
export const isAct = (predicate: Predicate): predicate is Agreed =>
  predicate.kind === 'transition' || predicate.kind === 'revocation' || predicate.kind === 'breakGlass';

/** The time that a statement gives of itself, by which the window of its key is judged. */
export const sealedAt = (predicate: Predicate): Instant =>
  predicate.kind === 'promotion' ? predicate.times.decidedAt : predicate.at;

const Subject = z.strictObject({
  name: z.string().min(1),
  digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

export const Statement = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(Subject).min(1),
  predicateType: z.enum([EVENT_TYPE, RECORD_TYPE]),
  predicate: Predicate,
});
export type Statement = z.infer<typeof Statement>;

const PAYLOAD_LIMITS = { maxBytes: 32 * 1024 * 1024, maxDepth: 64 };

/** Reads the payload of an envelope; what it says is not believed by reading it. */
export const parseStatement = (payload: Uint8Array): Result<Statement> => parseBytes(Statement, payload, PAYLOAD_LIMITS);

export const isAbsent = (field: unknown): field is { absent: string } =>
  typeof field === 'object' && field !== null && 'absent' in field;

/** One reject or return ends a request: beside it no quorum is an approval. */
export const saidNo = (approvals: Exclude<Promotion['approvals'], { absent: string }>): boolean =>
  approvals.some((approval) => approval.kind === 'person' && ['reject', 'return'].includes(approval.choice));

const subject = (name: string, digest: Digest) => ({ name, digest: { sha256: hexOf(digest) } });

/** The statement around a predicate. A pure function: a retry after any crash gives the same bytes, so the same hash. */
export function statementOf(predicate: Predicate): Statement {
  switch (predicate.kind) {
    case 'promotion': {
      const { model, request } = predicate;
      if (predicate.outcome === 'approved' && !isAbsent(model)) {
        const name = `${model.name}@${model.version}`;
        return {
          _type: STATEMENT_TYPE,
          subject: [subject(name, model.root), subject(`${name}/manifest`, model.manifest)],
          predicateType: EVENT_TYPE,
          predicate,
        };
      }
      const payload = isAbsent(request) ? undefined : request.payload;
      return record(predicate, predicate.requestId, payload);
    }
    case 'start':
      return record(predicate, 'start', undefined);
    case 'policyActivation':
      return record(predicate, 'policy-pack', predicate.pack);
    case 'transition':
    case 'revocation':
    case 'breakGlass':
      return record(predicate, `${predicate.scope.line}/${predicate.scope.environment}`, predicate.proposed.record);
    case 'intentTransition':
      return record(predicate, `${predicate.scope.line}/${predicate.scope.environment}`, undefined);
    case 'canary':
    case 'freeze':
    case 'thaw':
      return record(predicate, predicate.kind, undefined);
    case 'driftFinding':
      return record(predicate, 'drift-finding', undefined);
    case 'suspension':
      return record(predicate, 'suspension', undefined);
    case 'keyChange':
      return record(predicate, 'keys.json', digestOfKeys(predicate.keys));
    case 'reattestation':
      return record(predicate, 'reattested-event', Digest.parse(predicate.event));
  }
}

function record(predicate: Predicate, name: string, digest: Digest | undefined): Statement {
  const own = digest ?? canonicalDigest(predicate);
  return { _type: STATEMENT_TYPE, subject: [subject(name, own)], predicateType: RECORD_TYPE, predicate };
}

export const statementBytes = (statement: Statement): Uint8Array => canonicalBytes(statement);
