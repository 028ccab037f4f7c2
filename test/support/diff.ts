import type { Decimal } from '../../functions/domain/decimal.ts';
import type { Diff, DiffDimensions, Dimension, MetricFigure, PsiFigure, Side } from '../../functions/domain/diff.ts';
import type { EventHash } from '../../functions/domain/digest.ts';

/** The line that `clearDiff` fits: its registered segments are the ones below. */
export const DIFF_LINE = 'german-credit-01-in-band-retrain';

const d = (text: string): Decimal => text as Decimal;
const hash = (digit: string): EventHash => `sha256:${digit.repeat(64)}` as EventHash;

export const psiFigure = (name: string, psi: string, null99 = '0.087500'): PsiFigure => ({
  name,
  psi: d(psi),
  null99: d(null99),
  n: 550,
  m: 450,
  bins: 10,
});

export const metricFigure = (name: string, worse: string, limit: string | null = null): MetricFigure => ({
  name,
  candidate: d('0.737937'),
  baseline: d('0.732857'),
  worse: d(worse),
  n: 300,
  limit: limit === null ? null : d(limit),
  source: 'recomputed',
});

const judged = (segment: string, isProtected: boolean) => ({
  segment,
  protected: isProtected,
  n: 100,
  metrics: [
    metricFigure('auc', '0.001338'),
    metricFigure('approval_rate', '0.010000'),
    metricFigure('ks', '0.028822'),
    metricFigure('brier', '0.000830'),
    metricFigure('log_loss', '0.000818'),
  ],
});

const left = (what: string, n: number) => ({ what, n, minimum: 80, null99: null, pooled: true });

type NameOf<K extends keyof DiffDimensions> = DiffDimensions[K] extends Dimension<infer Own, infer F> ? [Own, F] : never;
type State = 'same' | 'measured';

const dimension = <Own, F>(state: State, figures: Own, against: F): Dimension<Own, F> => ({
  state,
  figures,
  against: { incumbent: { state, figures: against } as Side<F>, lastHumanApproved: { state: 'asIncumbent' } },
});

/** A dimension that only has facts of the candidate. */
const own = <K extends 'gates' | 'evidence' | 'history'>(figures: NameOf<K>[0]): DiffDimensions[K] =>
  dimension('same', figures, {}) as unknown as DiffDimensions[K];

/** An ordinary retrain: everything compared, nothing over a limit. Routes automated; a test changes one thing at a time. */
export function clearDiff(): Diff {
  return {
    schema: 'diff/v0',
    modelClass: dimension(
      'same',
      { class: 'logistic_regression', family: 'linear' },
      {
        class: { from: 'logistic_regression', to: 'logistic_regression' },
        family: { from: 'linear', to: 'linear' },
      },
    ),
    hyperparameters: dimension('same', {}, { changed: [], added: [], removed: [] }),
    loss: dimension('same', { loss: 'log_loss' }, { loss: { from: 'log_loss', to: 'log_loss' } }),
    features: dimension('same', { count: 3 }, { added: [], removed: [], retyped: [], reordered: false, relabelled: [] }),
    protected: dimension('same', { attributes: [], proxies: ['age_in_years'] }, { changed: [] }),
    transforms: dimension('same', {}, { changed: [] }),
    population: dimension(
      'measured',
      { rows: 450 },
      {
        score: psiFigure('score', '0.018525'),
        features: [
          psiFigure('duration_in_month', '0.071778'),
          psiFigure('credit_amount', '0.032155'),
          psiFigure('age_in_years', '0.025297'),
        ],
        filters: { from: 'scoring: no filter', to: 'scoring: no filter' },
        scored: { fromDay: 20_634, toDay: 20_757, sameRows: false },
      },
    ),
    segments: dimension(
      'measured',
      { unregistered: [] },
      {
        shares: [
          psiFigure('age_band', '0.000666'),
          psiFigure('sex_as_labelled', '0.005535'),
          psiFigure('foreign_worker', '0.000056'),
          psiFigure('housing', '0.007898'),
        ],
        within: [{ ...psiFigure('score', '0.040000'), segment: 'sex_as_labelled', value: 'female' }],
      },
    ),
    decisionRule: dimension(
      'measured',
      { adverseAction: ['decline'] },
      {
        thresholds: { from: ['0.50'], to: ['0.50'] },
        actionsChanged: false,
        scoreChanged: false,
        adverseActionChanged: false,
        flips: { rows: 300, changed: 11, rate: d('0.036667'), toAdverse: 5, fromAdverse: 6 },
      },
    ),
    calibration: dimension('same', { calibration: 'none' }, { calibration: { from: 'none', to: 'none' } }),
    metrics: dimension(
      'measured',
      { recomputed: 4, stated: 0 },
      {
        overall: [
          metricFigure('auc', '-0.005080', '0.020000'),
          metricFigure('ks', '0.010000'),
          metricFigure('approval_rate', '0.013333'),
          metricFigure('brier', '-0.000454'),
          metricFigure('log_loss', '-0.003250'),
        ],
        segments: [
          judged('age_band=26-35', true),
          judged('age_band=36-50', true),
          judged('sex_as_labelled=female', true),
          judged('sex_as_labelled=male', true),
          judged('foreign_worker=yes', true),
          judged('housing=own', false),
          judged('pooled', true),
        ],
        notJudged: [
          left('age_band=18-25', 56),
          left('age_band=51+', 27),
          left('foreign_worker=no', 11),
          left('housing=for free', 26),
          left('housing=rent', 50),
        ],
      },
    ),
    evaluation: dimension(
      'same',
      { method: 'holdout', slice: `sha256:${'e'.repeat(64)}`, leaks: [] },
      { slice: { from: `sha256:${'e'.repeat(64)}`, to: `sha256:${'e'.repeat(64)}` }, changed: [] },
    ),
    fairness: dimension(
      'measured',
      {},
      {
        ratios: [
          { segment: 'age_band', candidate: d('0.840000'), baseline: d('0.850000'), worse: d('0.010000'), protected: true },
          {
            segment: 'sex_as_labelled',
            candidate: d('0.864000'),
            baseline: d('0.860000'),
            worse: d('-0.004000'),
            protected: true,
          },
        ],
      },
    ),
    trainingWindow: dimension(
      'measured',
      { fromDay: 19_500, toDay: 20_400 },
      {
        fromDay: 19_470,
        toDay: 20_370,
        filters: { from: 'train: no filter, validation: no filter', to: 'train: no filter, validation: no filter' },
      },
    ),
    use: dimension('same', {}, { changed: [] }),
    terms: dimension('same', {}, { loosened: [], tightened: [], families: [], carried: true }),
    gates: own<'gates'>({
      results: [
        { name: 'auc above floor', kind: 'performance', result: 'pass' },
        { name: 'approval rates', kind: 'fairness', result: 'pass' },
        { name: 'dependency scan', kind: 'security', result: 'pass' },
      ],
    }),
    evidence: own<'evidence'>({
      predictions: true,
      explanations: [{ kind: 'shap', slice: `sha256:${'e'.repeat(64)}` }],
      profiles: 1,
    }),
    history: own<'history'>({ incumbent: hash('a'), lastHumanApproved: hash('a'), automatedSinceHuman: 0, daysSinceHuman: 30 }),
    artefact: dimension(
      'measured',
      { files: 3, name: 'german-credit-pd', library: 'scikit-learn 1.9.1' },
      {
        name: { from: 'german-credit-pd', to: 'german-credit-pd' },
        library: { from: 'scikit-learn 1.9.1', to: 'scikit-learn 1.9.1' },
        added: [],
        removed: [],
        roles: [],
        changed: [
          { path: 'preprocessor.json', role: 'preprocessor' },
          { path: 'weights.json', role: 'weights' },
        ],
      },
    ),
  };
}

/** A copy of the clear diff after one change. */
export function diffWith(change: (diff: Diff) => void): Diff {
  const diff = structuredClone(clearDiff());
  change(diff);
  return diff;
}

/** The figures against the incumbent, to change them in place. */
export function figuresOf<Own, F>(dimension: Dimension<Own, F>): F {
  const side = dimension.against.incumbent;
  if (side.state !== 'measured' && side.state !== 'same' && side.state !== 'differs') throw new Error('no figures here');
  return side.figures;
}

const WITH_BASELINE = [
  ...['modelClass', 'hyperparameters', 'loss', 'features', 'protected', 'transforms', 'population', 'segments'],
  ...['decisionRule', 'calibration', 'metrics', 'evaluation', 'fairness', 'trainingWindow', 'use', 'terms', 'artefact'],
] as (keyof DiffDimensions)[];

/** The first promotion of a line: no baseline, and that is the only doubt. */
export function firstDiff(): Diff {
  return diffWith((diff) => {
    for (const name of WITH_BASELINE) {
      const entry = diff[name] as Dimension<unknown, unknown>;
      entry.state = 'unknown';
      entry.why = ['no-incumbent'];
      entry.against = { incumbent: { state: 'none' }, lastHumanApproved: { state: 'none' } };
    }
    diff.history.figures = { incumbent: null, lastHumanApproved: null, automatedSinceHuman: null, daysSinceHuman: null };
  });
}

/** A clear candidate for a line against which drift stands, none of it for a committee. */
export function driftedDiff(): Diff {
  return diffWith((diff) => {
    const measured = [
      { what: 'score', name: null, psi: d('0.110000'), n: 900, known: true },
      { what: 'segment', name: 'age_band', psi: d('0.120000'), n: 900, known: true },
      { what: 'feature', name: 'credit_amount', psi: d('0.400000'), n: 900, known: true },
    ];
    diff.history.figures.standing = { suspended: null, drift: [{ event: hash('d'), answered: false, measured }] };
  });
}
