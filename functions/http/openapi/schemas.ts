// The named shapes of the API. What is sent is read by these very schemas; what is answered is held to them by a test that
// calls every operation.
import { z } from 'zod';
import { CountedBaselines } from '../../domain/baselines.ts';
import { Digest, EventHash } from '../../domain/digest.ts';
import { CODES } from '../../domain/errors.ts';
import { STATES } from '../../domain/flow.ts';
import { KeySet } from '../../domain/keys/set.ts';
import { Offer } from '../../domain/offer.ts';
import { PackKeys } from '../../domain/pack/keys-file.ts';
import { PromotionRequest, RequestId } from '../../domain/request.ts';
import { Decision, Finding, Group, Path } from '../../domain/routing.ts';
import { ActivationRow, DecisionRow, Head, LineFactRow, OUTCOMES, Outcome } from '../../domain/rows.ts';
import { DriftReport, Suspension, SuspensionTerms } from '../../domain/standing.ts';
import { Instant, Name } from '../../domain/text.ts';
import { Suspicion } from '../../keys/consent.ts';
import { Rule } from '../../route/rulebook.ts';
import { KINDS } from '../../whatif/change.ts';
import { WISHES } from '../acts.ts';
import { Presented } from '../api.ts';
import { Offered } from '../direct.ts';
import { Release } from '../policy.ts';

const Code = z.enum(CODES);
const Problem = z.strictObject({ code: Code, pointer: z.string(), detail: z.string() });

/** RFC 9457, with the catalogue's code, what to do, and all that is wrong at once. */
const ProblemDetails = z.looseObject({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  remedy: z.string(),
  code: Code,
  problems: z.array(Problem).min(1),
});

const Missing = z.strictObject({ role: Name, from: Name, missing: z.int().min(1) });

const Status = z.strictObject({
  requestId: RequestId,
  line: Name,
  environment: Name,
  model: z.strictObject({ name: z.string(), version: z.string(), root: Digest }),
  state: z.enum(STATES),
  path: Path.nullable(),
  findings: z.array(Finding.extend({ title: z.string() })),
  cleared: Decision.shape.cleared,
  notJudged: Decision.shape.notJudged,
  holds: Decision.shape.holds,
  outstanding: z.array(Missing),
  outcome: Outcome.nullable(),
  reasons: DecisionRow.shape.reasons,
  screen: Digest.nullable(),
  expiresAt: Instant.nullable(),
  answerBy: Instant.nullable(),
  overdue: z.boolean(),
  eventHash: EventHash.nullable(),
  logged: z.boolean(),
  votes: z.int(),
  times: z.strictObject({
    receivedAt: Instant,
    routedAt: Instant.nullable(),
    screenStoredAt: Instant.nullable(),
    decidedAt: Instant.nullable(),
  }),
});

const Check = z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string(), code: Code.optional() });

const Verdict = z.strictObject({
  verdict: z.enum(['allow', 'deny', 'unknown']),
  code: z.enum(['OK', ...CODES]),
  eventHash: EventHash.nullable(),
  checks: z.array(Check),
});

const { reservedBy: _, ...activeHead } = Head.shape;
const LineState = z.strictObject({
  line: Name,
  environment: Name,
  ownerOfRecord: Suspension.shape.ownerOfRecord,
  ...activeHead,
  suspended: EventHash.nullable(),
  standing: z.array(
    z.strictObject({ event: EventHash, at: Instant, watched: EventHash, measured: DriftReport.shape.measured }),
  ),
});

const Act = z.strictObject({
  id: Digest,
  line: Name,
  environment: Name,
  what: z.enum(['archive', 'rollback', 'revocation', 'breakGlass']),
  reason: z.string(),
  about: z.array(z.strictObject({ as: z.string(), event: EventHash })),
  root: Digest.optional(),
  manifest: Digest.optional(),
  hours: z.int().optional(),
  screen: Digest,
  proposedBy: z.string(),
  expiresAt: Instant,
  approvedBy: z.array(z.strictObject({ handle: z.string(), at: Instant })),
  missing: z.array(Missing),
  eventHash: EventHash.nullable(),
});

const Who = z.strictObject({ kind: z.enum(['person', 'service']), handle: z.string(), roles: z.array(z.string()) });
const LedgerEntry = z.strictObject({
  event: EventHash,
  what: z.enum(['promotion', 'archive', 'rollback', 'revocation', 'intent']),
  at: Instant,
  from: EventHash.nullable(),
  to: EventHash.nullable(),
  revoked: EventHash.nullable(),
  previous: EventHash.nullable(),
  next: EventHash.nullable(),
  model: z.strictObject({ name: z.string(), version: z.string(), root: Digest }).nullable(),
  reason: z.string().nullable(),
  by: z.array(Who),
});
const Ledger = z.strictObject({
  line: Name,
  environment: Name,
  entries: z.array(LedgerEntry),
  brokenGlass: z.array(
    z.strictObject({
      event: EventHash,
      at: Instant,
      until: Instant,
      root: Digest,
      reason: z.string(),
      by: z.array(Who),
      reviewedBy: EventHash.nullable(),
      takenBackBy: EventHash.nullable(),
      owesReview: z.boolean(),
    }),
  ),
  active: EventHash.nullable(),
  broken: z.string().nullable(),
});

const Figures = z.strictObject({ count: z.int(), medianMs: z.number().nullable(), p90Ms: z.number().nullable() });
const Stats = z.strictObject({
  at: Instant,
  since: Instant,
  committees: z.array(
    z.strictObject({
      committee: Name.nullable(),
      waiting: z.int(),
      oldestMs: z.int().nullable(),
      overdue: z.int(),
      fromReceived: Figures,
      fromScreen: Figures,
      outcomes: z.strictObject(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, z.int()]))),
      automated: Figures.extend({ ofRouted: z.int() }),
    }),
  ),
});

const Difference = z.strictObject({
  request: z.string(),
  kind: z.enum(KINDS),
  from: Path,
  to: Path,
  added: z.array(z.string()),
  removed: z.array(z.string()),
  loosened: z.array(z.string()),
});
const ShadowReport = z.strictObject({
  schema: z.literal('shadow/v0'),
  pack: Digest,
  counts: z.strictObject(Object.fromEntries(['decided', 'failed', ...KINDS].map((kind) => [kind, z.int()]))),
  differences: z.array(Difference),
});

const RuleBook = z.strictObject({
  pack: Digest,
  counted: z.strictObject({ sealed: z.int(), open: z.int(), unread: z.int() }),
  rules: z.array(Rule.extend({ fired: z.strictObject({ promotions: z.int(), lastDay: z.string().nullable() }) })),
});

const csrf = { csrf: z.string() };

export const SCHEMAS = {
  Problem: ProblemDetails,
  Up: z.strictObject({
    status: z.literal('up'),
    store: z.strictObject({
      state: z.enum(['HEALTHY', 'DEGRADED', 'FROZEN']),
      since: Instant.nullable(),
      eta: Instant.nullable(),
      reason: z.string().nullable(),
    }),
  }),
  Ready: z.strictObject({ status: z.literal('ready') }),
  Presented,
  Offered,
  Offer,
  PromotionRequest,
  Accepted: z.strictObject({ requestId: RequestId, repeated: z.boolean() }),
  Status,
  Withdrawn: z.strictObject({ requestId: RequestId }),
  LetPass: z.strictObject({ requestId: RequestId, returned: z.array(RequestId) }),
  Baselines: CountedBaselines,
  ApprovedStages: z.strictObject({ approvedIn: z.array(LineFactRow) }),
  Stored: z.strictObject({ digest: Digest }),
  Taken: z.strictObject({ state: z.enum(['new', 'ignored']), hint: Digest.nullable() }),
  Files: z.strictObject({ event: EventHash, files: z.array(z.string()) }),
  PackKeys,
  Timestamps: z.strictObject({ timestamps: z.array(z.string()) }),
  Verdict,
  LineState,
  DriftReport,
  DriftReported: z.strictObject({ event: EventHash, repeated: z.boolean() }),
  SuspensionForm: SuspensionTerms.extend(csrf),
  Sealed: z.strictObject({ event: EventHash }),
  ArchiveWish: WISHES.archive,
  ArchiveForm: WISHES.archive.extend(csrf),
  RollbackWish: WISHES.rollback,
  RollbackForm: WISHES.rollback.extend(csrf),
  RevocationWish: WISHES.revocation,
  RevocationForm: WISHES.revocation.extend(csrf),
  BreakGlassWish: WISHES.breakGlass,
  BreakGlassForm: WISHES.breakGlass.extend({ ...csrf, hours: z.string().regex(/^([1-9]|[1-6]\d|7[0-2])$/) }),
  ActProposed: z.strictObject({ act: Digest }),
  Act,
  Acts: z.strictObject({ acts: z.array(Act) }),
  Ledger,
  ActApproval: z.strictObject({ screen: Digest, ...csrf }),
  ActApproved: z.strictObject({ event: EventHash.nullable(), missing: z.array(Group.extend({ missing: z.int() })) }),
  Form: z.strictObject(csrf),
  PolicyInForce: ActivationRow,
  Release,
  ReleaseTaken: z.strictObject({ pack: Digest }),
  ShadowReport,
  RuleBook,
  Stats,
  KeyList: z.strictObject({ event: EventHash, digest: Digest, keys: KeySet }),
  Suspicion,
  SuspicionForm: Suspicion.extend(csrf),
  Accused: z.strictObject({ people: z.int() }),
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;
