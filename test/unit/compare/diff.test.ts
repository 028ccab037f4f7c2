import { describe, expect, it } from 'vitest';
import { diffOf } from '../../../functions/compare/diff.ts';
import type { Comparison } from '../../../functions/compare/types.ts';
import { DIMENSIONS, type Diff, type DimensionName } from '../../../functions/domain/diff.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { baselineOf, comparisonOf, firstComparison } from '../../support/comparison.ts';
import { type EvaluationRow, evaluationRows, type Parts, requestOf } from '../../support/request.ts';

const of = <T>(list: readonly T[] | undefined, i = 0): T => {
  const item = list?.[i];
  if (item === undefined) throw new Error(`no item ${i}`);
  return item;
};
const statesOf = (diff: Diff) => Object.fromEntries(DIMENSIONS.map((name) => [name, diff[name].state]));
const same = statesOf(diffOf(comparisonOf()));
/** The one difference moves these dimensions and no other. */
function moved(c: Comparison): Partial<Record<DimensionName, string>> {
  const states = statesOf(diffOf(c));
  return Object.fromEntries(Object.entries(states).filter(([name, state]) => state !== same[name]));
}
const edited = (edit: Parts['edit']): Comparison => comparisonOf({ edit });
const incumbentSide = <K extends DimensionName>(c: Comparison, name: K): Diff[K]['against']['incumbent'] =>
  diffOf(c)[name].against.incumbent;

describe('a retrain that differs in nothing', () => {
  it('R31 R32 every dimension is there and none is unknown or differs', () => {
    const diff = diffOf(comparisonOf());
    expect(Object.keys(diff).sort()).toEqual(['schema', ...DIMENSIONS].sort());
    expect(same).toEqual({
      ...Object.fromEntries(DIMENSIONS.map((name) => [name, 'same'])),
      ...Object.fromEntries(
        ['population', 'segments', 'metrics', 'fairness', 'gates', 'evidence', 'history', 'artefact'].map((n) => [
          n,
          'measured',
        ]),
      ),
    });
    for (const name of DIMENSIONS) expect(diff[name].against.lastHumanApproved).toEqual({ state: 'asIncumbent' });
  });

  it('R31 figures: nothing moved, nobody flipped, small regions are judged together', () => {
    const diff = diffOf(comparisonOf());
    expect(diff.population).toMatchObject({
      figures: { rows: 100 },
      against: { incumbent: { figures: { score: { name: 'score', psi: '0.000000', n: 100, m: 100, bins: 3 } } } },
    });
    expect(incumbentSide(comparisonOf(), 'population')).toMatchObject({
      figures: { features: [{ name: 'age' }, { name: 'income', bins: 3 }, { name: 'region', bins: 4 }] },
    });
    expect(diff.segments.against.incumbent).toMatchObject({
      figures: { shares: [{ name: 'region' }], within: [{}, {}, {}, {}] },
    });
    expect(diff.decisionRule.against.incumbent).toMatchObject({
      figures: { flips: { rows: 60, changed: 0, rate: '0.000000' } },
    });
    expect(diff.metrics).toMatchObject({
      figures: { recomputed: 5, stated: 0 },
      against: {
        incumbent: {
          figures: {
            segments: [
              { segment: 'pooled', n: 12 },
              { segment: 'region=north', n: 24 },
              { segment: 'region=south', n: 24 },
            ],
            notJudged: [
              { what: 'region=east', n: 6, minimum: 10, pooled: true },
              { what: 'region=west', n: 6, minimum: 10, pooled: true },
            ],
          },
        },
      },
    });
    expect(diff.history.figures).toMatchObject({ automatedSinceHuman: 0, daysSinceHuman: 10 });
  });
});

describe('without something to compare with', () => {
  it('R5 a first promotion is unknown in everything that compares, and says so once', () => {
    const diff = diffOf(firstComparison());
    const own = ['gates', 'evidence', 'history'];
    for (const name of DIMENSIONS) {
      expect(diff[name].against).toEqual({ incumbent: { state: 'none' }, lastHumanApproved: { state: 'none' } });
      expect(diff[name].state).toBe(own.includes(name) ? 'measured' : 'unknown');
      expect(diff[name].why).toEqual(own.includes(name) ? undefined : ['no-incumbent']);
    }
    expect(diff.modelClass.figures).toEqual({ class: 'logistic_regression', family: 'linear' });
    expect(diff.history.figures).toMatchObject({ incumbent: null, daysSinceHuman: null, automatedSinceHuman: null });
  });

  it('R31 an unregistered line judges no figure, and hides none that can be had', () => {
    const c = comparisonOf({}, { line: null });
    expect(moved(c)).toEqual({ population: 'unknown', segments: 'unknown', metrics: 'unknown', fairness: 'unknown' });
    expect(incumbentSide(c, 'metrics')).toMatchObject({ why: ['line-unknown'], figures: { overall: [{}, {}, {}, {}, {}] } });
    expect(incumbentSide(c, 'population')).toMatchObject({ why: ['line-unknown'], figures: { score: {} } });
  });

  it('R31 the last human-approved version is a side of its own when it is another event', () => {
    const first = baselineOf(requestOf());
    const later = baselineOf(requestOf({ version: '3', baselines: { incumbent: first, lastHumanApproved: first } }));
    const c = comparisonOf(
      { edit: ({ model }) => Object.assign(model, { loss: 'focal' }) },
      { incumbent: later, lastHumanApproved: first },
    );
    expect(diffOf(c).loss.against).toMatchObject({ incumbent: { state: 'differs' }, lastHumanApproved: { state: 'differs' } });
    expect(diffOf(c).metrics.against.lastHumanApproved.state).toBe('measured');
    // Counted at the incumbent's edges only.
    expect(diffOf(c).population.against.lastHumanApproved).toMatchObject({ state: 'unknown' });
  });
});

describe('one difference, one dimension', () => {
  it('R41 R42 R45 model class, hyperparameters, loss, calibration', () => {
    expect(moved(edited(({ model }) => Object.assign(model, { class: 'gradient_boosting' })))).toEqual({
      modelClass: 'differs',
    });
    expect(moved(edited(({ model }) => Object.assign(model, { family: 'trees' })))).toEqual({ modelClass: 'differs' });
    expect(moved(edited(({ model }) => Object.assign(model, { loss: 'focal' })))).toEqual({ loss: 'differs' });
    expect(moved(edited(({ model }) => Object.assign(model, { calibration: 'isotonic' })))).toEqual({ calibration: 'differs' });
    const c = edited(({ model }) => Object.assign(model, { hyperparameters: { C: '2.0', solver: 'lbfgs' } }));
    expect(moved(c)).toEqual({ hyperparameters: 'differs' });
    expect(incumbentSide(c, 'hyperparameters')).toEqual({
      state: 'differs',
      figures: { changed: [{ name: 'C', from: '1.0', to: '2.0' }], added: ['solver'], removed: ['penalty'] },
    });
  });

  it('R36 a feature added: known family and source are what the incumbent sealed, not what the candidate says', () => {
    const add = (more: object) =>
      edited(({ features, terms }) => {
        features.push({ ...of(features), name: 'job', ...more });
        Object.assign(terms.families, { job: 'made-up' });
      });
    const added = (c: Comparison) => incumbentSide(c, 'features');
    expect(moved(add({}))).toEqual({ features: 'differs' });
    expect(added(add({}))).toMatchObject({ figures: { added: [{ name: 'job', familyKnown: true, sourceKnown: true }] } });
    expect(added(add({ family: 'made-up' }))).toMatchObject({ figures: { added: [{ familyKnown: false }] } });
    expect(added(add({ source: 'broker' }))).toMatchObject({ figures: { added: [{ sourceKnown: false }] } });
  });

  it('R36 a feature sealed in one family is not known in another', () => {
    const incumbent = baselineOf(requestOf({ edit: ({ terms }) => Object.assign(terms.families, { job: 'person' }) }));
    const c = comparisonOf(
      { edit: ({ features }) => void features.push({ ...of(features), name: 'job', family: 'finance' }) },
      { incumbent },
    );
    expect(incumbentSide(c, 'features')).toMatchObject({ figures: { added: [{ familyKnown: false }] } });
  });

  it('R36 removed, retyped, reordered, relabelled', () => {
    const figures = (edit: Parts['edit']) => {
      const c = edited(edit);
      expect(moved(c)).toEqual({ features: 'differs' });
      return incumbentSide(c, 'features');
    };
    expect(figures(({ features }) => void features.splice(2))).toMatchObject({
      figures: { removed: [{ name: 'region' }], reordered: false },
    });
    expect(figures(({ features }) => Object.assign(of(features), { type: 'long' }))).toMatchObject({
      figures: { retyped: [{ name: 'income', from: 'double', to: 'long' }] },
    });
    expect(figures(({ features }) => void features.reverse())).toMatchObject({
      figures: { reordered: true, added: [], removed: [] },
    });
    expect(figures(({ features }) => Object.assign(of(features), { source: 'broker', required: false }))).toMatchObject({
      figures: { relabelled: [{ field: 'required', from: 'true', to: 'false' }, { field: 'source' }] },
    });
  });

  it('R47 protected labels; R36 transforms', () => {
    const c = edited(({ features }) => Object.assign(of(features, 1), { protected: 'no' }));
    expect(moved(c)).toEqual({ protected: 'differs' });
    expect(incumbentSide(c, 'protected')).toMatchObject({
      figures: { changed: [{ name: 'age', from: 'attribute', to: 'no' }] },
    });
    const recoded = edited(({ features }) => Object.assign(of(features), { transformDigest: digestOf('log income') }));
    expect(moved(recoded)).toEqual({ transforms: 'differs' });
    expect(incumbentSide(recoded, 'transforms')).toMatchObject({ figures: { changed: ['income'] } });
  });

  it('R39 decision rule: threshold, actions, adverse action', () => {
    const rule = (change: object) => edited(({ decisionRule }) => Object.assign(decisionRule, change));
    const actions = [
      { from: '0.00', to: '0.40', action: 'approve' },
      { from: '0.40', to: '1.00', action: 'refuse' },
    ];
    const c = rule({ thresholds: ['0.40'], actions });
    // Fewer are approved in every region, which the metrics measure as before.
    expect(moved(c)).toEqual({ decisionRule: 'differs' });
    expect(incumbentSide(c, 'decisionRule')).toMatchObject({
      figures: { thresholds: { from: ['0.50'], to: ['0.40'] }, actionsChanged: true, flips: { toAdverse: 10, fromAdverse: 0 } },
    });
    expect(moved(rule({ adverseAction: [] }))).toEqual({ decisionRule: 'differs' });
    expect(moved(rule({ score: 'points' }))).toEqual({ decisionRule: 'differs' });
    expect(moved(rule({ thresholds: ['0.5'] }))).toEqual({});
  });

  it('R39 an unchanged rule with flips, or with flips unknown, is never same', () => {
    const c = comparisonOf({ rows: shifted(() => 0.2) });
    expect(diffOf(c).decisionRule.state).toBe('measured');
    expect(diffOf(comparisonOf({ predictions: false })).decisionRule).toMatchObject({
      state: 'measured',
      against: { incumbent: { figures: { flips: null } } },
    });
  });

  it('R5a R40 R43 R44 evaluation, training window, use, terms', () => {
    expect(moved(edited(({ evaluationRegime }) => Object.assign(evaluationRegime, { method: 'backtest' })))).toEqual({
      evaluation: 'differs',
    });
    expect(moved(edited(({ use }) => Object.assign(use, { context: 'collections' })))).toEqual({ use: 'differs' });
    const window = edited(({ dataset }) => Object.assign(of(dataset), { window: { from: '2026-02-01', to: '2026-07-10' } }));
    expect(moved(window)).toEqual({ trainingWindow: 'measured' });
    expect(diffOf(window).trainingWindow.figures).toEqual({ fromDay: 20485, toDay: 20644 });
    expect(incumbentSide(window, 'trainingWindow')).not.toHaveProperty('figures.rows');
    const terms = edited(({ terms: { bands } }) => {
      Object.assign(of(bands), { maxWorse: '0.05' });
      // Undercuts `*` for one region: looser there, though no band was removed.
      bands.push({ metric: 'auc', segment: 'region=south', maxWorse: '0.04' });
      Object.assign(of(bands, 2), { maxWorse: '0.001' });
    });
    expect(moved(terms)).toEqual({ terms: 'differs' });
    expect(incumbentSide(terms, 'terms')).toMatchObject({
      figures: {
        loosened: [
          { band: 'auc in region=south', from: '0.030000', to: '0.04' },
          { band: 'auc', from: '0.020000', to: '0.05' },
        ],
        tightened: [{ band: 'auc in region=north' }],
        carried: true,
      },
    });
  });

  it('R40 rows of days that had not come, slices without a row, and fewer rows than the baseline had are said', () => {
    const changed = (role: string, change: object) =>
      edited(({ dataset }) => Object.assign(of(dataset.filter((one) => one.role === role)), change));
    const own = (role: string, change: object) => diffOf(changed(role, change)).trainingWindow.figures;
    for (const role of ['train', 'validation', 'evaluation', 'scoring']) {
      const endsOn = (to: string) => own(role, { window: { from: '2026-06-01', to } });
      expect(endsOn('2026-07-11')).not.toHaveProperty('ahead'); // the day of the request
      expect(endsOn('2026-07-12')).toMatchObject({ ahead: [{ slice: `${role}-1`, days: 1 }] });
    }
    expect(own('train', { rows: 0 })).toMatchObject({ empty: ['train-1'] });
    expect(own('train', { rows: 1 })).not.toHaveProperty('empty');
    const rows = (count: number) => incumbentSide(changed('train', { rows: count }), 'trainingWindow');
    expect(rows(499)).toMatchObject({ figures: { rows: { from: 500, to: 499 } } });
    for (const count of [500, 501]) expect(rows(count)).not.toHaveProperty('figures.rows');
    const { from, to } = of(comparisonOf().incumbent?.request.dataset).window;
    const all = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
    const until = (end: string) => incumbentSide(changed('train', { window: { from, to: end } }), 'trainingWindow');
    expect(until(from)).toMatchObject({ figures: { days: { from: all, to: 1 } } });
    expect(until(to)).not.toHaveProperty('figures.days');
    // To a pack without the rules nothing of it is said, so that what was sealed under it is the same again (R54).
    const old = { ...changed('train', { rows: 0, window: { from, to: '2026-12-31' } }), rules: new Set<string>() };
    expect(Object.keys(diffOf(old).trainingWindow.figures)).toEqual(['fromDay', 'toDay']);
    expect(incumbentSide(old, 'trainingWindow')).toHaveProperty('figures.filters');
    expect(incumbentSide(old, 'trainingWindow')).not.toHaveProperty('figures.rows');
  });

  it('R25 R19 gates, evidence and history are facts of their own', () => {
    const c = edited((draft) => {
      Object.assign(of(draft.gates), { result: 'fail' });
      draft.explanation = [];
    });
    expect(diffOf(c).gates.figures.results).toEqual([{ name: 'backtest', kind: 'performance', result: 'fail' }]);
    expect(diffOf(c).evidence.figures).toEqual({ predictions: true, explanations: [], profiles: 1 });
  });
});

/** The same rows with other scores. */
function shifted(by: (region: string, label: number) => number): EvaluationRow[] {
  return evaluationRows().map((row) => ({ ...row, score: Math.min(1, Math.max(0, row.score + by(row.region, row.label))) }));
}
