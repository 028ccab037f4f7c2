import { describe, expect, it } from 'vitest';
import { diffOf } from '../../../functions/compare/diff.ts';
import type { Comparison } from '../../../functions/compare/types.ts';
import { DIMENSIONS, type Diff, type DimensionName } from '../../../functions/domain/diff.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { baselineOf, comparisonOf } from '../../support/comparison.ts';
import { type EvaluationRow, evaluationRows, LINE, type Parts, requestOf } from '../../support/request.ts';

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

describe('populations', () => {
  const profiled = (profile: Parts['profile']) => comparisonOf({ profile });
  const at = (profile: Parameters<Parts['profile']>[0], name: string) => {
    const column = profile.columns.find((one) => one.name === name);
    if (column?.kind !== 'numeric') throw new Error(`no column ${name}`);
    return of(column.at);
  };

  it('R38 overall PSI is of the baseline’s score on both populations', () => {
    const c = profiled((profile) => Object.assign(at(profile, 'score_incumbent'), { counts: [10, 40, 50] }));
    expect(moved(c)).toEqual({});
    expect(incumbentSide(c, 'population')).toMatchObject({ figures: { score: { psi: '0.321888', null99: '0.184207' } } });
  });

  it('R37 shares, and a value nobody registered', () => {
    const c = profiled((profile) => {
      of(profile.shares).counts = [
        { value: 'north', count: 70 },
        { value: 'south', count: 25 },
        { value: 'abroad', count: 5 },
      ];
    });
    expect(diffOf(c).segments.figures.unregistered).toEqual([{ segment: 'region', value: 'abroad', count: 5 }]);
    expect(incumbentSide(c, 'segments')).toMatchObject({
      state: 'measured',
      figures: { shares: [{ name: 'region', bins: 5 }] },
    });
  });

  it.each<[string, Comparison, object]>([
    ['profile-missing', edited((draft) => void draft.profiles.splice(0)), { population: 'unknown', segments: 'unknown' }],
    [
      'profile-unreadable',
      edited((draft) => void draft.profiles.splice(0, 1, digestOf('x'))),
      { population: 'unknown', segments: 'unknown' },
    ],
    ['score-column-missing', profiled((p) => void p.columns.splice(1, 1)), { population: 'unknown' }],
    ['feature-column-missing', profiled((p) => void p.columns.splice(3, 1)), { population: 'unknown' }],
    ['share-missing', profiled((p) => void p.shares.splice(0)), { segments: 'unknown' }],
    ['not-at-baseline-edges', profiled((p) => Object.assign(at(p, 'age'), { edges: ['30', '51'] })), { population: 'unknown' }],
    [
      'kind-changed',
      profiled((p) => void p.columns.splice(2, 1, { name: 'income', kind: 'categorical', own: { values: [] }, missing: 100 })),
      { population: 'unknown' },
    ],
    [
      'sample-below-minimum',
      comparisonOf({}, { line: { ...LINE, minRows: 101 } }),
      { population: 'unknown', segments: 'unknown', metrics: 'unknown' },
    ],
    [
      'baseline-profile-missing',
      comparisonOf({}, { incumbent: { ...baselineOf(requestOf()), profile: null, profileDigest: null } }),
      { population: 'unknown', segments: 'unknown' },
    ],
  ])('R31 unknown is never unchanged: %s', (why, c, states) => {
    expect(moved(c)).toEqual(states);
    for (const name of Object.keys(states) as DimensionName[]) expect(diffOf(c)[name].why).toContain(why);
  });
});

/** The same rows with other scores. */
function shifted(by: (region: string, label: number) => number): EvaluationRow[] {
  return evaluationRows().map((row) => ({ ...row, score: Math.min(1, Math.max(0, row.score + by(row.region, row.label))) }));
}

/** Nobody in the north defaults, so that no AUC is defined there. */
function shiftedLabels(): EvaluationRow[] {
  return evaluationRows().map((row) => (row.region === 'north' ? { ...row, label: 0 } : row));
}

describe('metrics', () => {
  it('R44 worse is positive, against the sealed band; an exact band beats *', () => {
    const c = comparisonOf({ rows: shifted((region, label) => (region === 'north' && label === 1 ? -0.2 : 0)) });
    const side = incumbentSide(c, 'metrics');
    if (side.state !== 'measured') throw new Error(side.state);
    const auc = (segment: string) => side.figures.segments.find((one) => one.segment === segment)?.metrics[0];
    expect(side.figures.overall[0]).toMatchObject({ name: 'auc', limit: '0.020000', source: 'recomputed', n: 60 });
    expect(Number(auc('region=north')?.worse)).toBeGreaterThan(0.01);
    expect(auc('region=north')).toMatchObject({ limit: '0.010000', n: 24 });
    expect(auc('region=south')).toMatchObject({ limit: '0.030000', worse: '0.000000' });
    expect(auc('pooled')).toMatchObject({ limit: '0.030000' });
  });

  it('R31 a small segment that is not pooled, or whose pool is too small, has nobody speaking for it', () => {
    const judged = LINE.segments.map((segment) => ({ ...segment, state: 'judged' as const }));
    const side = incumbentSide(comparisonOf({}, { line: { ...LINE, segments: judged } }), 'metrics');
    expect(side).toMatchObject({ figures: { notJudged: [{ pooled: false }, { pooled: false }] } });
    const few = incumbentSide(comparisonOf({}, { line: { ...LINE, minRows: 13 } }), 'metrics');
    expect(few).toMatchObject({
      figures: {
        notJudged: [
          { n: 6, pooled: false },
          { n: 6, pooled: false },
        ],
      },
    });
  });

  it('R5 without predictions the stated figures are compared, and say that they are stated', () => {
    const auc = { name: 'auc', candidate: '0.9', incumbent: '0.95', n: 60 };
    const metrics = [auc, { ...auc, name: 'ks' }, { ...auc, n: 24, segment: { column: 'region', value: 'north' } }];
    const c = comparisonOf({ predictions: false, edit: ({ challenger }) => Object.assign(challenger, { metrics }) });
    expect(diffOf(c).metrics).toMatchObject({
      state: 'unknown',
      figures: { recomputed: 0, stated: 3 },
      why: ['segment-not-judged'],
    });
    expect(incumbentSide(c, 'metrics')).toMatchObject({
      figures: { overall: [{ name: 'auc', worse: '0.050000', source: 'stated' }, {}], segments: [{ segment: 'region=north' }] },
    });
  });

  it.each<[string, Comparison]>([
    ['metric-missing', comparisonOf({ predictions: false })],
    ['predictions-unreadable', edited((draft) => Object.assign(draft, { predictions: digestOf('gone') }))],
    ['metric-missing', edited(({ evaluationRegime }) => Object.assign(evaluationRegime, { metrics: ['auc', 'gini'] }))],
    ['metric-not-defined', comparisonOf({ rows: shiftedLabels() })],
    [
      'scores-of-baseline-missing',
      comparisonOf({ incumbent: null }, { incumbent: { ...baselineOf(requestOf()), predictions: null } }),
    ],
    [
      'segment-not-judged',
      comparisonOf({}, { line: { ...LINE, segments: [{ ...of(LINE.segments), filter: { column: 'x', value: 'y' } }] } }),
    ],
  ])('R31 unknown is never unchanged: %s', (why, c) => {
    expect(diffOf(c).metrics.state).toBe('unknown');
    expect(diffOf(c).metrics.why).toContain(why);
  });

  it('R31 scores the incumbent’s own event sealed on these rows stand in for an empty column', () => {
    expect(moved(comparisonOf({ incumbent: null }))).toEqual({});
  });

  it('R47 fairness: lowest approval rate over highest, less equal is worse', () => {
    const c = comparisonOf({ rows: shifted((region) => (region === 'north' ? 0.3 : 0)) });
    const side = incumbentSide(c, 'fairness');
    if (side.state !== 'measured') throw new Error(side.state);
    const ratio = of(side.figures.ratios);
    expect(ratio).toMatchObject({ segment: 'region', protected: false });
    expect(Number(ratio.worse)).toBeCloseTo(Number(ratio.baseline) - Number(ratio.candidate), 6);
    expect(Number(ratio.worse)).toBeGreaterThan(0);
  });
});
