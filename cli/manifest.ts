import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Baselines } from '../functions/domain/baselines.ts';
import { Decimal } from '../functions/domain/decimal.ts';
import { DecisionRule } from '../functions/domain/decision-rule.ts';
import { Digest } from '../functions/domain/digest.ts';
import { Explanation } from '../functions/domain/explanation.ts';
import { Feature } from '../functions/domain/feature.ts';
import { StatedMetric } from '../functions/domain/metric.ts';
import { Locator, Model } from '../functions/domain/model.ts';
import { parseValue } from '../functions/domain/parse.ts';
import { PromotionRequest } from '../functions/domain/request.ts';
import { fail, type Problem, problem, type Result } from '../functions/domain/result.ts';
import { Slice } from '../functions/domain/slice.ts';
import { Terms } from '../functions/domain/terms.ts';
import { Label } from '../functions/domain/text.ts';

// What a person or a pipeline writes: names and files. Digests, roots, counts and baselines are worked out from them.

/** A file inside the folder the manifest is about; nothing outside it is read. */
const FilePath = z
  .string()
  .min(1)
  .max(500)
  .regex(/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))(?!.*\/\/)[^\\\0]+$/, 'expected a path inside the folder, without . or ..');

const JsonObject = z.record(z.string(), z.json());

/** `transform`: how the input is turned into numbers, without fitted values, so that a refit keeps its digest. */
const ManifestFeature = Feature.omit({ transformDigest: true }).extend({ transform: z.union([Digest, JsonObject]) });
export const ManifestFeatures = z.array(ManifestFeature).min(1).max(2000);

/** A slice is a file to hash, or is named by digest where it lies elsewhere. `derivedFrom` names another slice of the list. */
const ManifestSlice = z
  .strictObject({
    name: Label,
    role: Slice.shape.role,
    file: FilePath.optional(),
    digest: Digest.optional(),
    rows: Slice.shape.rows.optional(),
    filters: Slice.shape.filters,
    window: Slice.shape.window,
    derivedFrom: Label.optional(),
    locator: Slice.shape.locator.optional(),
  })
  .superRefine((slice, ctx) => {
    const wrong = (message: string) => ctx.addIssue({ code: 'custom', message, params: { code: 'INVALID_VALUE' } });
    if ((slice.file === undefined) === (slice.digest === undefined)) wrong('give either a file or a digest');
    if (slice.digest !== undefined && (slice.rows === undefined || slice.locator === undefined)) {
      wrong('a slice named by digest needs its rows and its locator');
    }
  });
export type ManifestSlice = z.infer<typeof ManifestSlice>;

/** A slice by its name in `dataset`, or any other file. */
const SliceRef = z.union([Label, z.strictObject({ file: FilePath })]);
export type SliceRef = z.infer<typeof SliceRef>;

const Score = z.enum(['candidate', 'incumbent', 'lastHumanApproved']);

/** The scoring population to count, or a profile that `countersign profile` made where the rows are. */
const Population = z.union([
  z.strictObject({ file: FilePath, segments: z.array(Label).max(200), scores: z.record(Label, Score) }),
  z.strictObject({ profile: FilePath }),
]);

const ManifestExplanation = Explanation.omit({ slice: true, artefacts: true, background: true, summary: true }).extend({
  slice: SliceRef,
  artefacts: z
    .array(z.strictObject({ file: FilePath, alt: Explanation.shape.artefacts.element.shape.alt }))
    .min(1)
    .max(50),
  background: SliceRef.optional(),
  /** JSON with `meanAbs`: feature and value, largest first. */
  summary: FilePath.optional(),
});

const request = PromotionRequest.shape;

export const Manifest = z.strictObject({
  line: request.line,
  environment: request.environment,
  supersedes: request.supersedes,
  trigger: request.trigger,
  model: Model.omit({ root: true, manifest: true, weights: true, files: true }).extend({
    folder: FilePath,
    roles: z.record(FilePath, Model.shape.files.element.shape.role),
    /** Files too large to upload, and where they lie. */
    custody: z.record(FilePath, Locator).optional(),
  }),
  features: z.union([FilePath, ManifestFeatures]),
  decisionRule: DecisionRule,
  terms: z.union([z.literal('carry'), Terms.omit({ carriedFrom: true })]),
  dataset: z.array(ManifestSlice).min(1).max(50),
  evaluationRegime: request.evaluationRegime.omit({ slice: true }).extend({ slice: Label }),
  challenger: z.strictObject({
    against: z.union([
      z.literal('incumbent'),
      z.strictObject({ baseline: request.challenger.shape.against.options[1].omit({ kind: true }) }),
    ]),
    metrics: z.union([z.literal('recompute'), z.strictObject({ file: FilePath })]),
  }),
  population: Population.optional(),
  predictions: FilePath.optional(),
  explanation: z.array(ManifestExplanation).max(50),
  gates: z.array(request.gates.element.omit({ report: true }).extend({ report: FilePath })).max(100),
  answers: request.answers,
  use: request.use,
  code: request.code,
  pipelineRun: request.pipelineRun,
  rationale: request.rationale,
});
export type Manifest = z.infer<typeof Manifest>;

export const StatedMetrics = z.array(StatedMetric).max(5000);
/** The one key read from an explanation's summary file; the rest of it is the explainer's own. */
export const ExplanationSummary = z.looseObject({ meanAbs: z.array(z.looseObject({ feature: Label, value: Decimal })) });

export const NO_BASELINES: Baselines = { incumbent: null, lastHumanApproved: null };

/** YAML or JSON (which YAML 1.2 contains): keys that stand twice and unknown keys are refused, all problems at once. */
export function parseManifest(text: string): Result<Manifest> {
  const yaml = readYaml(text);
  return yaml.ok ? parseValue(Manifest, yaml.value) : yaml;
}

export function readYaml(text: string): Result<unknown> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => {
    const { line } = lines.linePos(error.pos[0]);
    const code = error.code === 'DUPLICATE_KEY' ? 'JSON_DUPLICATE_KEY' : 'INVALID_VALUE';
    return problem(code, '', `line ${line}: ${error.message.split('\n')[0] ?? error.code}`);
  });
  return problems.length > 0 ? fail(...problems) : { ok: true, value: document.toJS() };
}
