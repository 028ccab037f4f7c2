// One small line of business, built in memory: a complete valid request with the bytes it names.
import type { z } from 'zod';
import type { Baseline } from '../../functions/compare/types.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import { ModelLine } from '../../functions/domain/line.ts';
import { omsManifestBytes, omsRootOf } from '../../functions/domain/oms.ts';
import type { Profile } from '../../functions/domain/profile.ts';
import { PromotionRequest } from '../../functions/domain/request.ts';

export type Draft = z.input<typeof PromotionRequest>;
export type ProfileDraft = z.input<typeof Profile>;
export type Built = { request: PromotionRequest; blobs: Map<Digest, Uint8Array> };

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const LINE = ModelLine.parse({
  line: 'small-loans',
  environments: [{ name: 'sandbox', class: 'dev' }],
  tier: 'medium',
  ownerOfRecord: { iss: 'urn:test:register', sub: 'owner-1' },
  exposure: 'Small loans of the tests',
  purpose: 'Decides whether a loan is given',
  committees: [{ committee: 'loans', path: 'committee', role: 'model-risk', min: 1 }],
  segments: ['north', 'south', 'west', 'east'].map((value, i) => ({
    name: `region=${value}`,
    filter: { column: 'region', value },
    state: i < 2 ? 'judged' : 'pooled',
    protected: false,
  })),
  minRows: 10,
});

export type EvaluationRow = { id: string; label: 0 | 1; region: string; score: number };

/** 60 rows: 24 north, 24 south, 6 west and 6 east, so that the two small regions are judged together. */
export const evaluationRows = (): EvaluationRow[] =>
  Array.from({ length: 60 }, (_, i) => {
    const label = i % 3 === 0 ? 1 : 0;
    const region = ['north', 'north', 'north', 'north', 'south', 'south', 'south', 'south', 'west', 'east'][i % 10] ?? '';
    return { id: `r${i}`, label, region, score: Math.round(((i * 37) % 60) + label * 30) / 100 };
  });

/** A millionth more for the highest score: other weights never give all the same scores, and no figure shows it. */
function ofOtherWeights(rows: readonly EvaluationRow[]): EvaluationRow[] {
  const highest = Math.max(...rows.map(({ score }) => score));
  return rows.map((row) => (row.score === highest ? { ...row, score: row.score + 0.000001 } : row));
}

export type Parts = {
  rows: EvaluationRow[];
  /** Scores of the incumbent on the same rows; null leaves the column empty. */
  incumbent: number[] | null;
  lastHumanApproved: number[] | null;
  predictions: boolean;
  /** Changes the profile before it is hashed. */
  profile: (profile: ProfileDraft) => void;
  /** Changes the request last, after every digest in it is set. */
  edit: (draft: Draft, blobs: Map<Digest, Uint8Array>) => void;
  version: string;
  baselines: { incumbent: Baseline; lastHumanApproved: Baseline } | null;
};

/** A complete valid request with the bytes it names. Without baselines it is a first promotion. */
export function requestOf(parts: Partial<Parts> = {}): Built {
  const blobs = new Map<Digest, Uint8Array>();
  const keep = (bytes: Uint8Array): Digest => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return digest;
  };
  const rows = parts.rows ?? (parts.baselines ? ofOtherWeights(evaluationRows()) : evaluationRows());
  const version = parts.version ?? '1';
  const model = modelOf(version, keep);
  const evaluation = keep(
    utf8(`id,bad,region\n${rows.map((r) => `${r.id},${r.label === 1 ? 'yes' : 'no'},${r.region}\n`).join('')}`),
  );
  const scoring = digestOf(`scoring rows of version ${version}`);
  const profile = profileOf(model.root, scoring, parts.baselines?.incumbent ?? null);
  parts.profile?.(profile);
  const predictions = predictionsOf(rows, parts);
  const draft: Draft = {
    ...circumstances(parts.baselines ?? null),
    model,
    dataset: datasetOf(version, evaluation, rows.length, scoring, profile.rows),
    evaluationRegime: {
      method: 'holdout',
      slice: evaluation,
      rowId: 'id',
      label: 'bad',
      positive: 'yes',
      metrics: ['auc', 'ks'],
    },
    challenger: { against: againstOf(parts.baselines ?? null), evaluationSlice: evaluation, metrics: [] },
    profiles: [keep(canonicalBytes(profile))],
    ...(parts.predictions === false ? {} : { predictions: keep(utf8(predictions)) }),
    explanation: [explanationOf(evaluation, keep)],
    gates: [{ name: 'backtest', kind: 'performance', result: 'pass', tool: 'gates 1.0', report: keep(utf8('all well')) }],
  };
  parts.edit?.(draft, blobs);
  return { request: PromotionRequest.parse(draft), blobs };
}

function modelOf(version: string, keep: (bytes: Uint8Array) => Digest) {
  const files = [
    { path: 'weights.json', role: 'weights' as const, text: `{"version":"${version}"}` },
    { path: 'config.json', role: 'config' as const, text: '{"class":"logistic"}' },
    { path: 'preprocessor.json', role: 'preprocessor' as const, text: '{"impute":"median"}' },
  ].map(({ path, role, text }) => {
    const bytes = utf8(text);
    return { path, role, size: bytes.length, digest: keep(bytes), custody: 'vault' as const };
  });
  return {
    name: 'small-loans-pd',
    version,
    root: omsRootOf(files),
    manifest: keep(omsManifestBytes(files, 'small-loans-pd')),
    weights: omsRootOf(files.filter(({ role }) => role === 'weights')),
    files,
    class: 'logistic_regression',
    family: 'linear',
    loss: 'log_loss',
    hyperparameters: { C: '1.0', penalty: 'l2' },
    calibration: 'none',
    library: 'scikit-learn 1.9',
  };
}

const FAMILIES = { income: 'finance', age: 'person', region: 'place' };

function circumstances(baselines: Parts['baselines']) {
  const feature = (name: keyof typeof FAMILIES, type: string, isProtected: 'no' | 'attribute') => ({
    name,
    type,
    required: true,
    family: FAMILIES[name],
    source: 'application-form',
    transformDigest: digestOf(`transform of ${name}`),
    protected: isProtected,
  });
  return {
    schema: 'promotion-request/v0' as const,
    line: 'small-loans',
    environment: 'sandbox',
    comparedWith: {
      incumbent: baselines?.incumbent.event ?? null,
      lastHumanApproved: baselines?.lastHumanApproved.event ?? null,
    },
    trigger: { kind: 'schedule' as const },
    features: [feature('income', 'double', 'no'), feature('age', 'long', 'attribute'), feature('region', 'string', 'no')],
    decisionRule: {
      score: 'probability of default',
      thresholds: ['0.50'],
      actions: [
        { from: '0.00', to: '0.50', action: 'approve' },
        { from: '0.50', to: '1.00', action: 'refuse' },
      ],
      adverseAction: ['refuse'],
    },
    terms: {
      bands: [
        { metric: 'auc', maxWorse: '0.020000' },
        { metric: 'auc', segment: '*', maxWorse: '0.030000' },
        { metric: 'auc', segment: 'region=north', maxWorse: '0.010000' },
      ],
      families: { ...FAMILIES },
      carriedFrom: baselines?.incumbent.event ?? null,
    },
    use: { intended: 'Decide on small loans', context: 'origination', population: 'People asking for a small loan' },
    code: { repository: 'loans/pd', commit: '0'.repeat(40) },
    pipelineRun: { system: 'airflow', id: 'run-1' },
  };
}

const againstOf = (baselines: Parts['baselines']): Draft['challenger']['against'] =>
  baselines === null
    ? { kind: 'baseline', name: 'manual rules', description: 'The rules of thumb used before any model' }
    : { kind: 'incumbent', event: baselines.incumbent.event, root: baselines.incumbent.request.model.root };

/** Learned from before what is judged, and scored a month later with each version. */
const WINDOWS = {
  train: () => ({ from: '2025-01-01', to: '2025-12-31' }),
  validation: () => ({ from: '2025-01-01', to: '2025-12-31' }),
  evaluation: () => ({ from: '2026-01-01', to: '2026-03-31' }),
  scoring: (version: string) => ({ from: '2026-04-01', to: version === '1' ? '2026-05-31' : '2026-06-30' }),
};

function datasetOf(version: string, evaluation: Digest, rows: number, scoring: Digest, scored: number): Draft['dataset'] {
  const slice = (role: 'train' | 'validation' | 'evaluation' | 'scoring', digest: Digest, count: number) => ({
    name: `${role}-1`,
    role,
    digest,
    rows: count,
    filters: [],
    window: WINDOWS[role](version),
    locator: { system: 'lake', uri: `lake/${role}`, immutableId: `${role}-${version}` },
  });
  return [
    slice('train', digestOf('training rows'), 500),
    slice('validation', digestOf('validation rows'), 100),
    slice('evaluation', evaluation, rows),
    slice('scoring', scoring, scored),
  ];
}

const explanationOf = (slice: Digest, keep: (bytes: Uint8Array) => Digest): Draft['explanation'][number] => {
  const bytes = utf8('{"income":"0.4"}');
  const artefact = { name: 'shap.json', mediaType: 'application/json' as const, size: bytes.length, digest: keep(bytes) };
  return { kind: 'shap', slice, artefacts: [{ ...artefact, alt: 'Mean contribution of each feature' }], tool: 'shap 0.48' };
};

function predictionsOf(rows: readonly EvaluationRow[], { incumbent, lastHumanApproved, baselines }: Partial<Parts>): string {
  const before = incumbent === undefined && baselines ? evaluationRows().map(({ score }) => score) : (incumbent ?? null);
  const human = lastHumanApproved ?? null;
  const header = `row_id,label,candidate,incumbent${human ? ',lastHumanApproved' : ''},region\n`;
  return rows.reduce((text, { id, label, score, region }, i) => {
    const cells = [
      id,
      label,
      score.toFixed(6),
      before?.[i]?.toFixed(6) ?? '',
      ...(human ? [human[i]?.toFixed(6)] : []),
      region,
    ];
    return `${text}${cells.join(',')}\n`;
  }, header);
}

/** 100 rows: 40 north, 40 south, 10 west, 10 east. The same counts at the baseline's edges: nothing moved. */
function profileOf(root: Digest, slice: Digest, baseline: Baseline | null): ProfileDraft {
  const numeric = (name: string, edges: string[], counts: number[], missing: number, scoredBy?: Digest) => ({
    name,
    kind: 'numeric' as const,
    ...(scoredBy === undefined ? {} : { scoredBy }),
    own: { edges, counts },
    at: baseline?.profileDigest && scoredBy !== root ? [{ profile: baseline.profileDigest, edges, counts }] : [],
    missing,
  });
  const shares = [
    { value: 'east', count: 10 },
    { value: 'north', count: 40 },
    { value: 'south', count: 40 },
    { value: 'west', count: 10 },
  ];
  const scores = [numeric('score', ['0.2', '0.5'], [30, 40, 30], 0, root)];
  if (baseline) scores.push(numeric('score_incumbent', ['0.2', '0.5'], [30, 40, 30], 0, baseline.request.model.root));
  return {
    schema: 'profile/v1',
    convention: 'half_row/1',
    slice,
    rows: 100,
    columns: [
      ...scores,
      numeric('income', ['1000'], [50, 48], 2),
      numeric('age', ['30', '50'], [30, 40, 30], 0),
      { name: 'region', kind: 'categorical', own: { values: shares.map((share) => ({ ...share })) }, missing: 0 },
    ],
    shares: [{ segment: 'region', counts: shares }],
    segments: shares.map(({ value, count }) => {
      const counts = [count * 0.3, count * 0.4, count * 0.3];
      const within = scores.map(({ name, at }) => ({
        column: name,
        own: counts,
        at: at.map(({ profile }) => ({ profile, counts })),
        missing: 0,
      }));
      return { segment: 'region', value, rows: count, scores: within };
    }),
  };
}
