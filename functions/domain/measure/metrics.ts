import { decimal6 } from '../decimal.ts';
import { actionFor, type DecisionRule } from '../decision-rule.ts';
import type { Flips } from '../diff.ts';
import { METRICS, type MetricName } from '../metric.ts';

/** Labels (1 is the positive class) and scores of the same rows, in the same order. */
export type Sample = { readonly labels: readonly number[]; readonly scores: readonly number[] };

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

/** Scores this close to 0 or 1 are drawn back, as a certain and wrong prediction would otherwise cost infinitely much. */
const CLIP = 1e-6;

/**
 * A metric of one sample, or null where it is not defined: one class only, no rows, a score that is no probability, or one
 * the decision rule gives no action for.
 */
export function metricOf(name: MetricName, sample: Sample, rule: DecisionRule): number | null {
  if (sample.labels.length === 0) return null;
  switch (name) {
    case 'auc':
      return auc(sample);
    case 'ks':
      return ks(sample);
    case 'brier':
      return probabilityMean(sample, (label, score) => (score - label) ** 2);
    case 'log_loss':
      return probabilityMean(sample, (label, score) => {
        const p = Math.min(Math.max(score, CLIP), 1 - CLIP);
        return -Math.log(label === 1 ? p : 1 - p);
      });
    case 'approval_rate':
      return approvalRate(sample.scores, rule);
  }
}

/** The rows of a sample at these positions. */
export const rowsOf = (sample: Sample, rows: readonly number[]): Sample => ({
  labels: rows.map((row) => sample.labels[row] ?? Number.NaN),
  scores: rows.map((row) => sample.scores[row] ?? Number.NaN),
});

type Step = { positives: number; negatives: number };

/** Positives and negatives per distinct score, lowest first: rows of one score are inseparable. */
function stepsOf({ labels, scores }: Sample): Step[] {
  const order = Array.from(scores.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const steps: Step[] = [];
  let last: number | undefined;
  for (const row of order) {
    if (scores[row] !== last || steps.length === 0) steps.push({ positives: 0, negatives: 0 });
    last = scores[row];
    const step = steps.at(-1);
    if (step !== undefined) step[labels[row] === 1 ? 'positives' : 'negatives']++;
  }
  return steps;
}

const sumOf = (steps: readonly Step[], key: keyof Step): number => steps.reduce((sum, step) => sum + step[key], 0);

/** The share of (positive, negative) pairs in the right order, ties counting half: the mid-rank form of Mann and Whitney. */
function auc(sample: Sample): number | null {
  const steps = stepsOf(sample);
  const pairs = sumOf(steps, 'positives') * sumOf(steps, 'negatives');
  if (pairs === 0) return null;
  let negativesBelow = 0;
  let right = 0;
  for (const { positives, negatives } of steps) {
    right += positives * (negativesBelow + negatives / 2);
    negativesBelow += negatives;
  }
  return right / pairs;
}

/** The largest distance between the two classes' distribution functions. */
function ks(sample: Sample): number | null {
  const steps = stepsOf(sample);
  const positives = sumOf(steps, 'positives');
  const negatives = sumOf(steps, 'negatives');
  if (positives === 0 || negatives === 0) return null;
  let p = 0;
  let n = 0;
  let largest = 0;
  for (const step of steps) {
    p += step.positives;
    n += step.negatives;
    largest = Math.max(largest, Math.abs(p / positives - n / negatives));
  }
  return largest;
}

function probabilityMean({ labels, scores }: Sample, loss: (label: number, score: number) => number): number | null {
  if (scores.some((score) => score < 0 || score > 1)) return null;
  return labels.reduce((sum, label, row) => sum + loss(label, scores[row] ?? Number.NaN), 0) / labels.length;
}

/** True where the customer is refused or worse off, or null when a score has no action. */
function adverseOf(scores: readonly number[], rule: DecisionRule): boolean[] | null {
  const adverse: boolean[] = [];
  for (const score of scores) {
    const action = actionFor(rule, score);
    if (action === undefined) return null;
    adverse.push(rule.adverseAction.includes(action));
  }
  return adverse;
}

function approvalRate(scores: readonly number[], rule: DecisionRule): number | null {
  const adverse = adverseOf(scores, rule);
  return adverse === null ? null : adverse.filter((is) => !is).length / adverse.length;
}

type Decider = { readonly rule: DecisionRule; readonly scores: readonly number[] };

/** How many of the same rows another action would meet. A flip to or from adverse action is what a customer notices. */
export function flipsBetween(before: Decider, after: Decider): Flips | null {
  const from = adverseOf(before.scores, before.rule);
  const to = adverseOf(after.scores, after.rule);
  if (from === null || to === null || from.length === 0 || from.length !== to.length) return null;
  const changed = before.scores.filter(
    (score, row) => actionFor(before.rule, score) !== actionFor(after.rule, after.scores[row] ?? Number.NaN),
  ).length;
  return {
    rows: from.length,
    changed,
    rate: decimal6(changed / from.length),
    toAdverse: from.filter((was, row) => !was && to[row] === true).length,
    fromAdverse: from.filter((was, row) => was && to[row] === false).length,
  };
}
