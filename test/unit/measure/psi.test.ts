import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../functions/domain/digest.ts';
import { columnPsi, psiOf, valuesPsi } from '../../../functions/domain/measure/psi.ts';
import type { NumericColumn } from '../../../functions/domain/profile.ts';
import golden from '../../golden/measure/psi.json' with { type: 'json' };

const counts = (length: number) => fc.array(fc.nat(5000), { minLength: length, maxLength: length });
const pair = fc.integer({ min: 1, max: 30 }).chain((length) => fc.tuple(counts(length), counts(length)));

describe('population stability index, half_row/1', () => {
  it('R31 equals numpy and scipy to six decimals, figure and 99 % point', () => {
    expect(golden.cases.length).toBeGreaterThan(200);
    for (const { reference, current, psi, null99 } of golden.cases) {
      expect(psiOf(reference, current)).toMatchObject(null99 === null ? { psi } : { psi, null99 });
    }
  });

  it('R31 law: never negative, the same when both sides change places, zero against itself', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const there = psiOf(a, b);
        const back = psiOf(b, a);
        if (there === null || back === null) return;
        expect(Number(there.psi)).toBeGreaterThanOrEqual(0);
        expect([back.psi, back.null99, back.n, back.m]).toEqual([there.psi, there.null99, there.m, there.n]);
        expect(psiOf(a, a)?.psi).toBe('0.000000');
      }),
    );
  });

  it('R31 law: a bin empty on both sides changes nothing', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(psiOf([...a, 0], [...b, 0])).toEqual(psiOf(a, b));
      }),
    );
  });

  it('R31 nobody on one side gives no figure', () => expect(psiOf([0, 0], [1, 2])).toBeNull());

  const base = digestOf('baseline');
  const column = (own: number[], at: NumericColumn['at'], missing = 0): NumericColumn => ({
    name: 'x',
    kind: 'numeric',
    own: { edges: ['1', '2'], counts: own },
    at,
    missing,
  });

  it('R31 numeric: own counts of the baseline against the same edges of the candidate, missing as a bin', () => {
    const candidate = column([9, 9, 9], [{ profile: base, edges: ['1', '2'], counts: [4, 5, 6] }], 3);
    expect(columnPsi(column([1, 2, 3], [], 7), candidate, base)).toEqual(psiOf([1, 2, 3, 7], [4, 5, 6, 3]));
    expect(columnPsi(column([1, 2, 3], []), column([9, 9, 9], []), base)).toBe('not-at-baseline-edges');
  });

  it('R31 categorical: union of both sides, a kind that changed is never a figure', () => {
    const before = [
      { value: 'a', count: 5 },
      { value: 'b', count: 5 },
    ];
    const after = [
      { value: 'c', count: 2 },
      { value: 'b', count: 8 },
    ];
    expect(valuesPsi(before, after, [1, 2])).toEqual(psiOf([5, 5, 0, 1], [0, 8, 2, 2]));
    expect(columnPsi(column([1, 1, 1], []), { name: 'x', kind: 'categorical', own: { values: after }, missing: 0 }, base)).toBe(
      'kind-changed',
    );
  });
});
