import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decimal } from '../../../functions/domain/decimal.ts';
import type { Diff } from '../../../functions/domain/diff.ts';
import { RoutingInput, routingInputSchema } from '../../../functions/route/input.ts';
import { routingInputOf } from '../../../functions/route/input-of.ts';
import {
  clearDiff,
  DIFF_LINE,
  diffWith,
  driftedDiff,
  figuresOf,
  firstDiff,
  metricFigure,
  psiFigure,
} from '../../support/diff.ts';

const inputOf = (diff: Diff) => routingInputOf({ diff, line: DIFF_LINE, environment: 'sandbox', evaluatedAtDay: 20_777 });
const policies = join(import.meta.dirname, '../../../policies');

describe('the routing input', () => {
  it('the committed JSON Schema is the one the code checks', () => {
    const committed = readFileSync(join(policies, 'schemas/routing-input.v0.schema.json'), 'utf8');
    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(routingInputSchema())));
  });

  it('the fixtures of the Rego tests are what clear, first and drifted diffs give (vitest -u writes them)', async () => {
    const fixtures = { clear: inputOf(clearDiff()), first: inputOf(firstDiff()), standing: inputOf(driftedDiff()) };
    const text = `${JSON.stringify({ fixtures }, null, 1)}\n`;
    await expect(text).toMatchFileSnapshot(join(policies, 'fixtures/inputs.json'));
  });

  it('fits its own schema, and no key is taken that nobody wrote down', () => {
    const input = inputOf(clearDiff());
    expect(RoutingInput.parse(input)).toEqual(input);
    expect(RoutingInput.safeParse({ ...input, mood: 'good' }).success).toBe(false);
    expect(RoutingInput.safeParse({ ...input, evaluatedAtDay: 1.5 }).success).toBe(false);
  });

  it('holds integers only, so that two engines cannot disagree on a float', () => {
    const numbers: number[] = [];
    JSON.stringify(inputOf(clearDiff()), (_, value: unknown) => {
      if (typeof value === 'number') numbers.push(value);
      return value;
    });
    expect(numbers.length).toBeGreaterThan(50);
    expect(numbers.filter((value) => !Number.isSafeInteger(value))).toEqual([]);
  });

  it('figures round to the heavier side, limits to the tighter one', () => {
    const input = inputOf(
      diffWith((d) => {
        figuresOf(d.population).score = psiFigure('score', '0.1000001');
        figuresOf(d.metrics).overall[0] = metricFigure('auc', '-0.0000009', '0.0200009');
      }),
    );
    expect(input.population.against.incumbent.figures.score?.psi_ppm).toBe(100_001);
    const auc = input.metrics.against.incumbent.figures.overall?.[0];
    expect([auc?.worse_ppm, auc?.limit_ppm]).toEqual([0, 20_000]);
  });

  it('property: a figure in millionths is never below the figure, a limit never above', () => {
    const decimal = fc.tuple(fc.integer({ min: -9_999, max: 9_999 }), fc.stringMatching(/^\d{1,12}$/));
    fc.assert(
      fc.property(decimal, ([whole, fraction]) => {
        const text = `${whole}.${fraction}` as Decimal;
        const input = inputOf(diffWith((d) => figuresOf(d.metrics).overall.splice(0, 1, metricFigure('auc', text, text))));
        const auc = input.metrics.against.incumbent.figures.overall?.[0];
        const exact = BigInt(text.replace('.', '')) * 10n ** BigInt(12 - fraction.length);
        const ppm = (value: number | null | undefined) => BigInt(value ?? Number.NaN) * 1_000_000n;
        expect(ppm(auc?.worse_ppm) >= exact).toBe(true);
        expect(ppm(auc?.limit_ppm) <= exact).toBe(true);
        expect(ppm(auc?.worse_ppm) - exact < 1_000_000n).toBe(true);
      }),
    );
  });

  it('what is left of the rows and days to learn from is a share, rounded down, and only there where it is not all', () => {
    const sideOf = (edit: (diff: Diff) => void) => inputOf(diffWith(edit)).trainingWindow.against.incumbent.figures;
    const clear = sideOf(() => {});
    expect(Object.keys(clear)).toEqual(['fromDay', 'toDay', 'filters']);
    const rows = (from: number, to: number) =>
      sideOf((diff) => Object.assign(figuresOf(diff.trainingWindow), { rows: { from, to } })).rows_ppm;
    expect([rows(3, 2), rows(1000, 500), rows(500, 0), rows(2 ** 52, 2 ** 52 - 1)]).toEqual([666_666, 500_000, 0, 999_999]);
    const days = (from: number, to: number) =>
      sideOf((diff) => Object.assign(figuresOf(diff.trainingWindow), { days: { from, to } })).days_ppm;
    expect([days(901, 900), days(901, 1), days(2, 0)]).toEqual([998_890, 1109, 0]);
  });

  it('what a side could not measure is null, never left out', () => {
    const input = inputOf(
      diffWith((d) => {
        d.population.against.incumbent = { state: 'unknown', why: ['profile-missing'], figures: {} };
      }),
    );
    expect(input.population.against.incumbent).toEqual({
      state: 'unknown',
      why: ['profile-missing'],
      figures: { score: null, features: null, filters: null, scored: null },
    });
    expect(RoutingInput.safeParse(input).success).toBe(true);
  });

  it.each([
    ['0.5', '0.50', true],
    ['0.5', '0.500000', true],
    ['10', '10.0', true],
    ['10', '100', false],
    ['0.5', '0.500001', false],
    ['0.123456789012', '0.123456789013', false],
  ])('thresholds %s and %s are the same: %s', (from, to, equal) => {
    const input = inputOf(
      diffWith((d) => Object.assign(figuresOf(d.decisionRule), { thresholds: { from: [from], to: [to] } })),
    );
    const thresholds = input.decisionRule.against.incumbent.figures.thresholds;
    expect(thresholds?.from[0] === thresholds?.to[0]).toBe(equal);
  });
});
