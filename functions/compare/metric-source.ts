import { type Decimal, decimal6 } from '../domain/decimal.ts';
import type { Why } from '../domain/diff.ts';
import { METRIC_NAMES, metricOf, rowsOf } from '../domain/measure/metrics.ts';
import type { Predictions } from '../domain/measure/predictions.ts';
import type { StatedMetric } from '../domain/metric.ts';
import { isKnownMetric } from '../domain/metric.ts';
import { baselineScores, type Material, type Who } from './material.ts';
import type { Baseline, Comparison } from './types.ts';

type Filter = { readonly column: string; readonly value: string };
/** `null` where the metric is not defined on these rows. */
type Value = {
  readonly name: string;
  readonly candidate: Decimal | null;
  readonly baseline: Decimal | null;
  readonly source: 'recomputed' | 'stated';
};
export type Sample = { readonly n: number; readonly values: readonly Value[] };

/** Where figures come from: all rows (`null`), or the union of the rows in any of the segments. */
export type MetricSource = (segments: readonly Filter[] | null) => Sample | Why;

/**
 * Recomputed from predictions where there are any; stated figures only where none came. Unreadable ones are no excuse.
 * The baseline's scores on new rows are the pipeline's word: recomputing shows what follows from them, not that they are true.
 */
export function metricSource(c: Comparison, m: Material, baseline: Baseline, who: Who): MetricSource | Why {
  if (m.predictions === 'predictions-missing') return statedSource(c, baseline, who);
  if (typeof m.predictions === 'string') return m.predictions;
  const scores = baselineScores(c, m.predictions, baseline, who);
  if (typeof scores === 'string') return scores;
  return recomputedSource(c, m.predictions, { baseline, scores, who });
}

type Compared = { readonly baseline: Baseline; readonly scores: readonly number[]; readonly who: Who };

function recomputedSource(c: Comparison, predictions: Predictions, { baseline, scores, who }: Compared): MetricSource {
  const stated = statedSource(c, baseline, who);
  return (segments) => {
    const rows = segments === null ? [...predictions.rowIds.keys()] : rowsIn(predictions, segments);
    if (rows === undefined) return 'segment-not-judged';
    const candidate = rowsOf({ labels: predictions.labels, scores: predictions.candidate }, rows);
    const before = rowsOf({ labels: predictions.labels, scores }, rows);
    const values = METRIC_NAMES.map((name): Value => {
      const [a, b] = [metricOf(name, candidate, c.request.decisionRule), metricOf(name, before, baseline.request.decisionRule)];
      return { name, candidate: six(a), baseline: six(b), source: 'recomputed' };
    });
    const others = typeof stated === 'string' ? stated : stated(segments);
    const unknownNames = typeof others === 'string' ? [] : others.values.filter(({ name }) => !isKnownMetric(name));
    return { n: rows.length, values: [...values, ...unknownNames] };
  };
}

const six = (value: number | null): Decimal | null => (value === null ? null : decimal6(value));

function rowsIn(predictions: Predictions, segments: readonly Filter[]): number[] | undefined {
  const columns = segments.map(({ column, value }) => ({ cells: predictions.segments.get(column), value }));
  if (columns.some(({ cells }) => cells === undefined)) return undefined;
  return [...predictions.rowIds.keys()].filter((row) => columns.some(({ cells, value }) => cells?.[row] === value));
}

/**
 * The pipeline's own figures. The incumbent's stand beside the candidate's; the last human-approved version's are what its
 * own event sealed, which only compares when both were evaluated on the same rows.
 */
function statedSource(c: Comparison, baseline: Baseline, who: Who): MetricSource | Why {
  const { challenger, evaluationRegime } = c.request;
  if (who === 'lastHumanApproved' && baseline.evaluationSlice !== evaluationRegime.slice) return 'scores-of-baseline-missing';
  return (segments) => {
    if (segments !== null && segments.length !== 1) return 'segment-not-judged';
    const here = (metrics: readonly StatedMetric[]) =>
      metrics
        .filter(({ segment }) => key(segment) === key(segments?.[0]))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const own = here(challenger.metrics);
    const [first] = own;
    if (first === undefined) return segments === null ? 'metric-missing' : 'segment-not-judged';
    const theirs = here(baseline.request.challenger.metrics);
    const before = (metric: StatedMetric) =>
      who === 'incumbent' ? metric.incumbent : (theirs.find(({ name }) => name === metric.name)?.candidate ?? null);
    return {
      n: Math.min(...own.map(({ n }) => n)),
      values: own.map((metric) => ({
        name: metric.name,
        candidate: rounded(metric.candidate),
        baseline: rounded(before(metric)),
        source: 'stated',
      })),
    };
  };
}

/** Stated figures may have up to twelve places; every figure of a diff has six. */
const rounded = (value: Decimal | null): Decimal | null => (value === null ? null : decimal6(Number(value)));

const key = (segment: Filter | undefined): string =>
  segment === undefined ? '' : JSON.stringify([segment.column, segment.value]);
