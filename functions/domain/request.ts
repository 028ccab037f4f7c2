import { z } from 'zod';
import { canonicalBytes } from './canonical.ts';
import { sha256 } from './crypto.ts';
import { DecisionRule } from './decision-rule.ts';
import { Digest, EventHash } from './digest.ts';
import { Explanation } from './explanation.ts';
import { Features } from './feature.ts';
import { StatedMetric } from './metric.ts';
import { Model } from './model.ts';
import { Slice } from './slice.ts';
import { Terms } from './terms.ts';
import { Label, Name, prose } from './text.ts';

export const RequestId = z
  .string()
  .regex(/^req-[a-z2-7]{26}$/, 'expected req- and 26 characters of base32')
  .brand<'RequestId'>();
export type RequestId = z.infer<typeof RequestId>;

/** What the candidate is measured against (R5): the incumbent by its event, or a baseline by name. */
const Against = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('incumbent'), event: EventHash, root: Digest }),
  z.strictObject({ kind: z.literal('baseline'), name: Label, description: prose(10, 2000) }),
]);

const Challenger = z.strictObject({ against: Against, evaluationSlice: Digest, metrics: z.array(StatedMetric).max(5000) });

/** How the metrics were made; `rowId`, `label`, `positive` name the columns and value of the evaluation slice. */
const EvaluationRegime = z.strictObject({
  method: z.enum(['holdout', 'cross-validation', 'out-of-time', 'backtest']),
  slice: Digest,
  rowId: Label,
  label: Label,
  positive: z.string().max(200),
  metrics: z.array(Label).min(1).max(50),
});

const Gate = z.strictObject({
  name: Label,
  kind: z.enum(['performance', 'fairness', 'security', 'data', 'other']),
  result: z.enum(['pass', 'fail']),
  tool: Label,
  report: Digest,
});

export const Rationale = z.strictObject({
  text: prose(30, 20_000),
  scope: prose(3, 5000),
  intendedUse: prose(3, 5000),
  limitations: prose(3, 20_000),
});
export type Rationale = z.infer<typeof Rationale>;

/**
 * Everything the pipeline states about the candidate, frozen and hashed at intake. Requester and times come from the token
 * and our clock, never from here.
 */
export const PromotionRequest = z
  .strictObject({
    schema: z.literal('promotion-request/v0'),
    line: Name,
    environment: Name,
    comparedWith: z.strictObject({ incumbent: EventHash.nullable(), lastHumanApproved: EventHash.nullable() }),
    supersedes: RequestId.optional(),
    /** Standing drift findings that this candidate answers: its approval by people ends them (R38). */
    answers: z.array(EventHash).min(1).max(100).optional(),
    trigger: z.strictObject({ kind: z.enum(['schedule', 'drift', 'manual', 'incident']), ref: Label.optional() }),
    model: Model,
    features: Features,
    decisionRule: DecisionRule,
    terms: Terms,
    dataset: z.array(Slice).min(1).max(50),
    evaluationRegime: EvaluationRegime,
    challenger: Challenger,
    profiles: z.array(Digest).max(10),
    predictions: Digest.optional(),
    explanation: z.array(Explanation).max(50),
    gates: z.array(Gate).max(100),
    use: z.strictObject({ intended: prose(3, 5000), context: Label, population: prose(3, 5000) }),
    code: z.strictObject({
      repository: Label,
      commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'expected a full commit hash'),
    }),
    pipelineRun: z.strictObject({ system: Label, id: Label }),
    rationale: Rationale.optional(),
  })
  .superRefine((request, ctx) => {
    const digests = request.dataset.map((slice) => slice.digest);
    request.dataset.forEach((slice, i) => {
      const wrong = (key: string, message: string) =>
        ctx.addIssue({ code: 'custom', path: ['dataset', i, key], message, params: { code: 'INVALID_VALUE' } });
      // Judged on what it learned from, or listed twice with other facts: neither can be compared.
      if (digests.indexOf(slice.digest) !== i) wrong('digest', 'these bytes are named twice; each slice has bytes of its own');
      if (slice.window.to < slice.window.from) wrong('window', 'it ends before it begins');
    });
    if (request.dataset.filter((slice) => slice.role === 'scoring').length > 1) {
      const message = 'one scoring slice: the profile is of one population';
      ctx.addIssue({ code: 'custom', path: ['dataset'], message, params: { code: 'INVALID_VALUE' } });
    }
    // R9, R9b: each of them by content, or nobody can say later what the model learned from and was judged on.
    for (const role of Slice.shape.role.options) {
      if (request.dataset.some((slice) => slice.role === role)) continue;
      const message = `no slice of role ${role}: name its bytes by digest`;
      ctx.addIssue({ code: 'custom', path: ['dataset'], message, params: { code: 'MISSING_KEY' } });
    }
    const { against } = request.challenger;
    const incumbent = request.comparedWith.incumbent;
    const named = against.kind === 'incumbent' ? against.event : null;
    if (named !== incumbent) {
      ctx.addIssue({
        code: 'custom',
        path: ['challenger', 'against'],
        message: incumbent === null ? 'no incumbent is compared with: name a baseline' : 'name the incumbent of comparedWith',
        params: { code: 'INVALID_VALUE' },
      });
    }
  });
export type PromotionRequest = z.infer<typeof PromotionRequest>;

export const slicesOf = (request: PromotionRequest, role: Slice['role']): Slice[] =>
  request.dataset.filter((slice) => slice.role === role);

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** `req-` and the first 130 bits of SHA-256 of the request's JCS in lower-case base32 (RFC 4648): one id per content. */
export function requestIdOf(request: PromotionRequest): RequestId {
  const hash = sha256(canonicalBytes(request));
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of hash) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < 26) {
      bits -= 5;
      text += BASE32.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return `req-${text}` as RequestId;
}

/** All digests the request names whose bytes must be in the vault before it can be frozen. */
export function vaultDigestsOf(request: PromotionRequest): { pointer: string; digest: Digest; size?: number }[] {
  const evaluation = request.dataset.findIndex((slice) => slice.digest === request.evaluationRegime.slice);
  return [
    { pointer: '/model/manifest', digest: request.model.manifest },
    ...request.model.files.flatMap((file, i) =>
      file.custody === 'vault' ? [{ pointer: `/model/files/${i}/digest`, digest: file.digest, size: file.size }] : [],
    ),
    ...request.profiles.map((digest, i) => ({ pointer: `/profiles/${i}`, digest })),
    ...(request.predictions === undefined ? [] : [{ pointer: '/predictions', digest: request.predictions }]),
    ...request.explanation.flatMap((explanation, i) =>
      explanation.artefacts.map((artefact, j) => ({
        pointer: `/explanation/${i}/artefacts/${j}/digest`,
        digest: artefact.digest,
        size: artefact.size,
      })),
    ),
    ...request.gates.map((gate, i) => ({ pointer: `/gates/${i}/report`, digest: gate.report })),
    ...(evaluation < 0 ? [] : [{ pointer: `/dataset/${evaluation}/digest`, digest: request.evaluationRegime.slice }]),
  ];
}
