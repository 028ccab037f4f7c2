import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, decimal6 } from '../../../functions/domain/decimal.ts';
import type { DecisionRule } from '../../../functions/domain/decision-rule.ts';
import { flipsBetween, METRIC_NAMES, metricOf, rowsOf, type Sample } from '../../../functions/domain/measure/metrics.ts';
import golden from '../../golden/measure/evaluation.json' with { type: 'json' };

const rule = (actions: { from: string; to: string; action: string }[]): DecisionRule => ({
  score: 'probability of the event',
  thresholds: ['0.5' as Decimal],
  actions: actions.map(({ from, to, action }) => ({ from: from as Decimal, to: to as Decimal, action })),
  adverseAction: ['refuse'],
});
type Version = keyof typeof golden.versions;
const deciderOf = (name: Version) => ({
  rule: rule(golden.versions[name].actions),
  scores: golden.versions[name].scores.map(Number),
});
const half = rule([
  { from: '0', to: '0.5', action: 'approve' },
  { from: '0.5', to: '1', action: 'refuse' },
]);

describe('metrics recomputed from predictions', () => {
  for (const name of Object.keys(golden.versions) as Version[]) {
    it(`R5 ${name}: equal to scikit-learn to six decimals, overall and in every segment value`, () => {
      const { rule: decision, scores } = deciderOf(name);
      const sample = { labels: golden.labels, scores };
      const six = (of: Sample) =>
        Object.fromEntries(
          METRIC_NAMES.map((metric) => {
            const value = metricOf(metric, of, decision);
            return [metric, value === null ? null : decimal6(value)];
          }),
        );
      expect(golden.versions[name].metrics.overall).toMatchObject(six(sample));
      for (const [column, values] of Object.entries(golden.versions[name].metrics.by_segment)) {
        const cells = golden.segments[column as keyof typeof golden.segments];
        for (const [value, expected] of Object.entries(values)) {
          const rows = cells.flatMap((cell, row) => (cell === value ? [row] : []));
          expect({ ...six(rowsOf(sample, rows)), n: rows.length }).toEqual(expected);
        }
      }
    });
  }

  it('R39 flips between two versions equal the independently counted ones', () => {
    for (const { from, to, rows, approve_to_refuse, refuse_to_approve, rate } of golden.flips) {
      expect(flipsBetween(deciderOf(from as Version), deciderOf(to as Version))).toEqual({
        rows,
        changed: approve_to_refuse + refuse_to_approve,
        rate,
        toAdverse: approve_to_refuse,
        fromAdverse: refuse_to_approve,
      });
    }
  });

  it('R5 law: AUC is the share of pairs in the right order, ties half', () => {
    const row = fc.tuple(fc.nat(1), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const positives = rows.filter(([label]) => label === 1);
        const negatives = rows.filter(([label]) => label === 0);
        const won = positives.flatMap(([, p]) => negatives.map(([, n]) => (p > n ? 1 : p === n ? 0.5 : 0)));
        const naive = won.length === 0 ? null : won.reduce<number>((sum, one) => sum + one, 0) / won.length;
        const found = metricOf('auc', { labels: rows.map(([l]) => l), scores: rows.map(([, s]) => s / 6) }, half);
        if (naive === null) expect(found).toBeNull();
        else expect(found).toBeCloseTo(naive, 12);
      }),
    );
  });

  it('R5 not defined is null, never zero: no rows, one class, no probability, no action for a score', () => {
    const one = { labels: [1, 1], scores: [0.1, 0.9] };
    const wild = { labels: [0, 1], scores: [0.1, 1.5] };
    for (const metric of METRIC_NAMES) expect(metricOf(metric, { labels: [], scores: [] }, half)).toBeNull();
    expect([metricOf('auc', one, half), metricOf('ks', one, half)]).toEqual([null, null]);
    expect(['brier', 'log_loss', 'approval_rate'].map((m) => metricOf(m as 'brier', wild, half))).toEqual([null, null, null]);
    expect(flipsBetween({ rule: half, scores: [0.1] }, { rule: half, scores: [2] })).toBeNull();
  });
});
