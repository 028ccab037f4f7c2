// The convention half_row/1 (docs/psi.md): where a population is cut, and how values are counted at given cuts.
import { decimalOf } from './decimal.ts';

/** How often each distinct text stands in a column; the empty text is a missing value. */
export type Tally = Map<string, number>;

/** Distinct numbers, rising, with how often each stands; and how many values are missing. */
export type Numbers = { readonly values: readonly number[]; readonly counts: readonly number[]; readonly missing: number };

/** undefined when a value that is not missing is no finite number. */
export function numbersOf(tally: Tally): Numbers | undefined {
  const byValue = new Map<number, number>();
  for (const [text, count] of tally) {
    if (text === '') continue;
    const value = decimalOf(text);
    if (Number.isNaN(value)) return undefined;
    byValue.set(value, (byValue.get(value) ?? 0) + count);
  }
  const pairs = [...byValue].sort(([a], [b]) => a - b);
  return { values: pairs.map(([v]) => v), counts: pairs.map(([, c]) => c), missing: tally.get('') ?? 0 };
}

/** Edges are written as their shortest round-trip text. */
export function decileEdges(numbers: Numbers): string[] {
  const n = numbers.counts.reduce((sum, count) => sum + count, 0);
  if (n === 0) return [];
  const valueAt = (position: number) => ranked(numbers, position);
  return edgesAt(n, valueAt, () => numbers.values.at(-2)).map(String);
}

const TENTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => tenth / 10);

/** Between which positions of n sorted values a quantile lies. */
function around(n: number, q: number): { low: number; high: number; t: number } {
  const index = (n - 1) * q;
  const low = Math.floor(index);
  return { low, high: Math.min(low + 1, n - 1), t: index - low };
}

/** The positions of the sorted values that the deciles are made of. */
export const decilePositions = (n: number): number[] =>
  TENTHS.flatMap((q) => {
    const { low, high } = around(n, q);
    return [low, high];
  });

/**
 * unique(numpy.quantile(values, .1 … .9, method="linear")) below the maximum. An edge at the maximum is dropped: it would
 * give integer columns a last bin that nothing can fall into. `valueAt` knows the decile positions and the last one;
 * `belowMax` is the next value below the maximum, if there is one.
 */
export function edgesAt(n: number, valueAt: (position: number) => number, belowMax: () => number | undefined): number[] {
  const max = valueAt(n - 1);
  const deciles = TENTHS.map((q) => {
    const { low, high, t } = around(n, q);
    const [a, b] = [valueAt(low), valueAt(high)];
    // numpy's _lerp takes the nearer end as its start; the last bits of an edge decide the bin of a value equal to it.
    return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
  });
  const edges = [...new Set(deciles)].filter((edge) => edge < max);
  return edges.length > 0 ? edges : edgesAroundOneValue(belowMax(), max);
}

/**
 * Where nine deciles stand on the maximum, one bin would hold everything and no change could ever be seen. A column with
 * other values is cut around its maximum; a column of one value is cut on both sides of it.
 */
const edgesAroundOneValue = (below: number | undefined, max: number): number[] =>
  below === undefined ? [nextBelow(max), max] : [below, max];

/** The largest double below a finite one. */
function nextBelow(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? -Number.MIN_VALUE : value);
  if (value !== 0) view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

/** The value at a position of the sorted column, as if each were written out as often as it stands. */
function ranked(numbers: Numbers, position: number): number {
  let passed = 0;
  for (const [i, count] of numbers.counts.entries()) {
    passed += count;
    if (position < passed) return numbers.values[i] ?? Number.NaN;
  }
  return Number.NaN;
}

/** Counts in (-inf, e1] (e1, e2] … (ek, +inf). */
export function countAt(numbers: Numbers, edges: readonly string[]): number[] {
  const cuts = edges.map(Number);
  const counts: number[] = new Array(cuts.length + 1).fill(0);
  let bin = 0;
  for (const [i, value] of numbers.values.entries()) {
    while (bin < cuts.length && value > (cuts[bin] ?? Number.POSITIVE_INFINITY)) bin++;
    counts[bin] = (counts[bin] ?? 0) + (numbers.counts[i] ?? 0);
  }
  return counts;
}

/** Values with their counts, in one fixed order, so that the same rows always give the same bytes. */
export const valueCounts = (tally: Tally): { value: string; count: number }[] =>
  [...tally].map(([value, count]) => ({ value, count })).sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
