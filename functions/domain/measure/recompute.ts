import { type Decimal, decimal6 } from '../decimal.ts';
import type { DecisionRule } from '../decision-rule.ts';
import { isKnownMetric, type StatedMetric } from '../metric.ts';
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
