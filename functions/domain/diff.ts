import type { Decimal } from './decimal.ts';
import type { EventHash } from './digest.ts';

/** The closed list (design §9). A diff holds each of them, always. */
export const DIMENSIONS = [
  'modelClass',
  'hyperparameters',
  'loss',
  'features',
  'protected',
  'transforms',
  'population',
  'segments',
  'decisionRule',
  'calibration',
  'metrics',
  'evaluation',
  'fairness',
  'trainingWindow',
  'use',
  'terms',
  'gates',
  'evidence',
  'history',
  'artefact',
] as const;
export type DimensionName = (typeof DIMENSIONS)[number];

/** Why something could not be compared. `no-incumbent` is the only one a first promotion may have. */
export type Why =
  | 'no-incumbent'
  | 'line-unknown'
  | 'baseline-event-unreadable'
  | 'profile-missing'
  | 'profile-unreadable'
  | 'baseline-profile-missing'
  | 'not-at-baseline-edges'
  | 'score-column-missing'
  | 'feature-column-missing'
  | 'share-missing'
  | 'kind-changed'
  | 'sample-below-minimum'
  | 'predictions-missing'
  | 'predictions-unreadable'
  | 'scores-of-baseline-missing'
  | 'metric-missing'
  | 'metric-not-defined'
  | 'segment-not-judged'
  | 'model-bytes-elsewhere'
  | 'executable-added'
  | 'scores-not-of-these-weights'
  | 'lineage-in-doubt';

type Text = { from: string; to: string };

/**
 * One comparison with one baseline. `none`: there is no such baseline. `asIncumbent`: the last human-approved version is
 * the incumbent, so the incumbent's side says it all. `measured` carries figures and no judgement: limits are policy.
 */
export type Side<F> =
  | { state: 'none' }
  | { state: 'asIncumbent' }
  | { state: 'same'; figures: F }
  | { state: 'differs'; figures: F }
  | { state: 'measured'; figures: F }
  | { state: 'unknown'; why: Why[]; figures: Partial<F> };

/** `figures`: facts of the candidate alone. `state`: the worst of both sides (unknown > differs > measured > same). */
export type Dimension<Own, F> = {
  state: 'same' | 'differs' | 'measured' | 'unknown';
  against: { incumbent: Side<F>; lastHumanApproved: Side<F> };
  figures: Own;
  why?: Why[];
};

type Nothing = Record<never, never>;

/** A PSI figure with its sample: n of the baseline, m of the candidate, and the 99 % point under no change. */
export type PsiFigure = { name: string; psi: Decimal; null99: Decimal; n: number; m: number; bins: number };

type FeatureFact = { name: string; family: string; source: string };
export type AddedFeature = FeatureFact & { familyKnown: boolean; sourceKnown: boolean };

/** `worse` is positive when the candidate is worse; `limit` is the sealed band of the baseline, null when it has none. */
export type MetricFigure = {
  name: string;
  candidate: Decimal;
  baseline: Decimal;
  worse: Decimal;
  n: number;
  limit: Decimal | null;
  source: 'recomputed' | 'stated';
};
/** One registered segment; `group` `pooled` is the union of all pooled segments. */
export type SegmentMetrics = { segment: string; protected: boolean; n: number; metrics: MetricFigure[] };
/** `pooled`: model risk listed it as pooled, and the pooled rest is judged here; else nothing speaks for it. */
export type NotJudged = { what: string; n: number; minimum: number; null99: Decimal | null; pooled: boolean };

type FileFact = { path: string; role: string };

/** `to` is less than `from`. */
export type Fewer = { from: number; to: number };

export type Flips = { rows: number; changed: number; rate: Decimal; toAdverse: number; fromAdverse: number };

/** `known`: the segment is registered for the line. `answered`: this request names the finding as one that it answers. */
type DriftFigure = { what: string; name: string | null; psi: Decimal; n: number; known: boolean };
export type Standing = {
  suspended: EventHash | null;
  drift: { event: EventHash; answered: boolean; measured: DriftFigure[] }[];
};

export type DiffDimensions = {
  modelClass: Dimension<{ class: string; family: string }, { class: Text; family: Text }>;
  hyperparameters: Dimension<
    Nothing,
    { changed: { name: string; from: string; to: string }[]; added: string[]; removed: string[] }
  >;
  loss: Dimension<{ loss: string }, { loss: Text }>;
  features: Dimension<
    { count: number },
    {
      added: AddedFeature[];
      removed: FeatureFact[];
      retyped: ({ name: string } & Text)[];
      reordered: boolean;
      relabelled: ({ name: string; field: 'family' | 'source' | 'required' } & Text)[];
    }
  >;
  protected: Dimension<{ attributes: string[]; proxies: string[] }, { changed: ({ name: string } & Text)[] }>;
  transforms: Dimension<Nothing, { changed: string[] }>;
  /** `filters`: who is scored at all. `scored`: last day of the scored rows, and whether they are the baseline's own. */
  population: Dimension<
    { rows: number | null },
    {
      score: PsiFigure;
      features: PsiFigure[];
      filters: Text;
      scored: { fromDay: number; toDay: number; sameRows: boolean };
    }
  >;
  segments: Dimension<
    { unregistered: { segment: string; value: string; count: number }[] },
    { shares: PsiFigure[]; within: (PsiFigure & { segment: string; value: string })[] }
  >;
  decisionRule: Dimension<
    { adverseAction: string[] },
    {
      thresholds: { from: string[]; to: string[] };
      actionsChanged: boolean;
      scoreChanged: boolean;
      adverseActionChanged: boolean;
      flips: Flips | null;
    }
  >;
  calibration: Dimension<{ calibration: string }, { calibration: Text }>;
  metrics: Dimension<
    { recomputed: number; stated: number },
    { overall: MetricFigure[]; segments: SegmentMetrics[]; notJudged: NotJudged[] }
  >;
  /** `leaks`: slices the model learned from, beside the slice they reach into. */
  evaluation: Dimension<
    { method: string; slice: string; leaks: { slice: string; of: string; how: string }[] },
    { slice: Text; changed: string[] }
  >;
  /** Lowest approval rate over highest, of the judged values of one segment column. `worse` positive = less equal. */
  fairness: Dimension<
    Nothing,
    { ratios: { segment: string; candidate: Decimal; baseline: Decimal; worse: Decimal; protected: boolean }[] }
  >;
  /**
   * `filters`: how the rows to learn from and to tune by were chosen. The rest is only there where there is something to say:
   * slices whose window ends after the day of the request, training slices without a row, and fewer rows or days to learn
   * from than the baseline had.
   */
  trainingWindow: Dimension<
    { fromDay: number; toDay: number; ahead?: { slice: string; days: number }[]; empty?: string[] },
    { fromDay: number; toDay: number; filters: Text; rows?: Fewer; days?: Fewer }
  >;
  use: Dimension<Nothing, { changed: ('intended' | 'context' | 'population')[] }>;
  terms: Dimension<
    Nothing,
    {
      loosened: { band: string; from: string; to: string }[];
      tightened: { band: string; from: string; to: string }[];
      families: ({ name: string } & Text)[];
      carried: boolean;
    }
  >;
  gates: Dimension<{ results: { name: string; kind: string; result: 'pass' | 'fail' }[] }, Nothing>;
  evidence: Dimension<{ predictions: boolean; explanations: { kind: string; slice: string }[]; profiles: number }, Nothing>;
  history: Dimension<
    {
      incumbent: EventHash | null;
      lastHumanApproved: EventHash | null;
      automatedSinceHuman: number | null;
      daysSinceHuman: number | null;
      /** Only where the line registers a stage before this one: whether the same model was approved there. */
      predecessor?: { environment: string; event: EventHash | null };
      /** Only when something stands: diffs sealed before there were such records must come out the same again. */
      standing?: Standing;
    },
    Nothing
  >;
  /**
   * The files themselves (R4a). `changed`: same path, other bytes; weights and preprocessor change with every retrain, so
   * only a config or a program among them is a difference. Where bytes lie is the business of `evidence`.
   */
  artefact: Dimension<
    { files: number; name: string; library: string },
    {
      name: Text;
      library: Text;
      added: FileFact[];
      removed: FileFact[];
      roles: ({ path: string } & Text)[];
      changed: FileFact[];
    }
  >;
};

export type Diff = { schema: 'diff/v0' } & { [K in DimensionName]: DiffDimensions[K] };
