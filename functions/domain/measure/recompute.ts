import { type Decimal, decimal6 } from '../decimal.ts';
import type { DecisionRule } from '../decision-rule.ts';
import { isKnownMetric, type Metric, type StatedMetric } from '../metric.ts';
import type { PromotionRequest } from '../request.ts';
import { metricOf, rowsOf } from './metrics.ts';
import type { Predictions } from './predictions.ts';

/** Sealed figures have six places; two honest roundings of one figure may differ by one in the last. */
const TOLERANCE = 1.000001e-6;

export const differ = (a: Decimal, b: Decimal): boolean => Math.abs(Number(a) - Number(b)) > TOLERANCE;

/** What the predictions give for one stated metric. `null`: not recomputable from these rows (no such rule, column or class). */
export type Recomputed = { readonly candidate: Decimal | null; readonly incumbent: Decimal | null; readonly n: number };

/**
 * Recomputes one metric from predictions, overall or in a segment value; undefined when nothing can be recomputed, because
 * the metric is not one of ours or the segment column is not there. An approval rate needs the rule each version decides by.
 */
export function recompute(
  metric: StatedMetric,
  predictions: Predictions,
  rule: DecisionRule,
  incumbentRule: DecisionRule | null,
): Recomputed | undefined {
  const { name, segment } = metric;
  if (!isKnownMetric(name)) return undefined;
  const column = segment === undefined ? undefined : predictions.segments.get(segment.column);
  if (segment !== undefined && column === undefined) return undefined;
  const rows = [...predictions.labels.keys()].filter((row) => column === undefined || column[row] === segment?.value);
  const figure = (scores: readonly number[] | null, by: DecisionRule | null): Decimal | null => {
    if (scores === null || by === null) return null;
    const value = metricOf(name, rowsOf({ labels: predictions.labels, scores }, rows), by);
    return value === null ? null : decimal6(value);
  };
  // Only the approval rate looks at the rule, so for the others any rule will do.
  const incumbentBy = incumbentRule ?? (name === 'approval_rate' ? null : rule);
  return {
    candidate: figure(predictions.candidate, rule),
    incumbent: figure(predictions.incumbent, incumbentBy),
    n: rows.length,
  };
}

/**
 * The metrics as sealed: every stated one, marked by what we could do about it, and every overall one the predictions give
 * though nobody stated it. Sealed beside the event, so that no later link has to be believed (R5).
 */
export function sealedMetrics(
  request: PromotionRequest,
  predictions: Predictions | null,
  incumbentRule: DecisionRule | null,
): Metric[] {
  const stated = request.challenger.metrics;
  if (predictions === null) return stated.map((metric) => ({ ...metric, source: 'stated' }));
  const figuresOf = (metric: StatedMetric) => recompute(metric, predictions, request.decisionRule, incumbentRule);
  const marked = stated.map((metric): Metric => {
    const again = figuresOf(metric);
    const both = again !== undefined && again.candidate !== null && (metric.incumbent === null || again.incumbent !== null);
    return { ...metric, source: both ? 'recomputed' : 'stated' };
  });
  const said = new Set(stated.filter((metric) => metric.segment === undefined).map((metric) => metric.name));
  const unsaid = request.evaluationRegime.metrics.filter((name) => !said.has(name));
  const added = unsaid.flatMap((name): Metric[] => {
    const n = predictions.labels.length;
    const again = figuresOf({ name, candidate: decimal6(0), incumbent: null, n });
    if (again === undefined || again.candidate === null) return [];
    return [{ name, candidate: again.candidate, incumbent: again.incumbent, n, source: 'recomputed' }];
  });
  return [...marked, ...added];
}
