import { z } from 'zod';
import { decimal6 } from '../../../functions/domain/decimal.ts';
import { DecisionRule } from '../../../functions/domain/decision-rule.ts';
import { metricOf, type Sample } from '../../../functions/domain/measure/metrics.ts';
import type { MetricName } from '../../../functions/domain/metric.ts';
import { invariant } from '../../../functions/domain/result.ts';
import { METRICS, POSITIVE, SEGMENTS } from './labels.ts';
import type { Score } from './score.ts';
import { cell, type Facts, type Row } from './source.ts';

/** A model version as the conversion needs it. */
export type Version = { readonly id: string; readonly facts: Facts; readonly score: Score; readonly rule: DecisionRule };

/** As the source says it: approve below the threshold. */
export const ruleOf = (facts: Facts): DecisionRule =>
  DecisionRule.parse({
    score: 'probability of default',
    thresholds: [facts.decision.threshold],
    actions: facts.decision.actions,
    adverseAction: ['refuse'],
  });

/** Scores as every file here holds them. */
export const scoreText = (version: Version, row: Row): string => decimal6(version.score(row));

function sampleOf(version: Version, rows: readonly Row[]): Sample {
  return {
    labels: rows.map((row) => (cell(row, 'event_bad') === POSITIVE ? 1 : 0)),
    scores: rows.map((row) => Number(scoreText(version, row))),
  };
}

export const figure = (version: Version, rows: readonly Row[], name: MetricName): string | null => {
  const value = metricOf(name, sampleOf(version, rows), version.rule);
  return value === null ? null : decimal6(value);
};

export const valuesOf = (rows: readonly Row[], column: string): string[] =>
  [...new Set(rows.map((row) => cell(row, column)))].sort();

export const inSegment = (rows: readonly Row[], column: string, value: string): Row[] =>
  rows.filter((row) => cell(row, column) === value);

const Figure = z.string().nullable();
const Metrics = z.object({ auc: Figure, ks: Figure, brier: Figure, log_loss: Figure, approval_rate: Figure, n: z.int() });
export const SourceMetrics = z.object({
  overall: Metrics,
  by_segment: z.record(z.string(), z.record(z.string(), Metrics)),
});

/** Stops when a figure of the source is not what our scores give. Answers how many figures agreed. */
export function checkMetrics(version: Version, rows: readonly Row[], stated: z.infer<typeof SourceMetrics>): number {
  let agreed = 0;
  const compare = (part: readonly Row[], expected: z.infer<typeof Metrics>, where: string) => {
    invariant(part.length === expected.n, `${version.id} ${where}: rows`);
    for (const name of METRICS) {
      const ours = figure(version, part, name);
      const close = ours === expected[name] || Math.abs(Number(ours) - Number(expected[name])) <= 1.000001e-6;
      invariant(
        close && (ours === null) === (expected[name] === null),
        `${version.id} ${where}: ${name} ${ours} ${expected[name]}`,
      );
      agreed++;
    }
  };
  compare(rows, stated.overall, 'overall');
  for (const [column, values] of Object.entries(stated.by_segment)) {
    for (const [value, expected] of Object.entries(values))
      compare(inSegment(rows, column, value), expected, `${column}=${value}`);
  }
  return agreed;
}

/** predictions/v1: one row per evaluation row, with the scores of the versions in place. */
export function predictionRows(rows: readonly Row[], candidate: Version, over: readonly Version[]): [string[], Row[]] {
  const [incumbent, human] = over;
  const columns = ['row_id', 'label', 'candidate', 'incumbent', ...(human ? ['lastHumanApproved'] : []), ...SEGMENTS];
  const made = rows.map((row) => ({
    ...Object.fromEntries(SEGMENTS.map((column) => [column, cell(row, column)])),
    row_id: cell(row, 'row_id'),
    label: cell(row, 'event_bad') === POSITIVE ? '1' : '0',
    candidate: scoreText(candidate, row),
    incumbent: incumbent ? scoreText(incumbent, row) : '',
    ...(human ? { lastHumanApproved: scoreText(human, row) } : {}),
  }));
  return [columns, made];
}

type Stated = { readonly column: string; readonly value: string; readonly by: number };

/** Every figure of both versions; the candidate's AUC in one segment value is written higher than it is. */
export function statedMetrics(rows: readonly Row[], candidate: Version, incumbent: Version, higher: Stated): object[] {
  const parts = SEGMENTS.flatMap((column) => valuesOf(rows, column).map((value) => ({ column, value })));
  return [undefined, ...parts].flatMap((segment) => {
    const part = segment ? inSegment(rows, segment.column, segment.value) : rows;
    return METRICS.flatMap((name) => {
      const ours = figure(candidate, part, name);
      const theirs = figure(incumbent, part, name);
      if (ours === null || theirs === null) return [];
      const changed = name === 'auc' && segment?.column === higher.column && segment.value === higher.value;
      const said = changed ? decimal6(Number(ours) + higher.by) : ours;
      return [{ name, ...(segment ? { segment } : {}), candidate: said, incumbent: theirs, n: part.length }];
    });
  });
}
