import { z } from 'zod';
import { Decimal } from './decimal.ts';
import { Label } from './text.ts';

/** One metric on the evaluation slice, overall or in one segment value. Figures are decimal strings. */
export const Metric = z.strictObject({
  name: Label,
  segment: z.strictObject({ column: Label, value: z.string().max(200) }).optional(),
  candidate: Decimal,
  incumbent: Decimal.nullable(),
  n: z.int().nonnegative(),
  interval: z.strictObject({ low: Decimal, high: Decimal }).optional(),
  source: z.enum(['recomputed', 'stated']),
});
export type Metric = z.infer<typeof Metric>;

/** As a pipeline states it; `source` is ours to say after recomputing. */
export const StatedMetric = Metric.omit({ source: true });
export type StatedMetric = z.infer<typeof StatedMetric>;

/** Which way is worse. `either`: any movement counts, as for the approval rate. */
export const METRICS = {
  auc: 'lower',
  ks: 'lower',
  brier: 'higher',
  log_loss: 'higher',
  approval_rate: 'either',
} as const satisfies Record<string, 'lower' | 'higher' | 'either'>;
export type MetricName = keyof typeof METRICS;

export const isKnownMetric = (name: string): name is MetricName => Object.hasOwn(METRICS, name);

/** How much worse the candidate is: positive is worse, whatever the metric's direction. */
export function worsening(name: MetricName, candidate: number, incumbent: number): number {
  const direction = METRICS[name];
  const difference = candidate - incumbent;
  return direction === 'lower' ? -difference : direction === 'higher' ? difference : Math.abs(difference);
}
