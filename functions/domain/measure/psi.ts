import { type Decimal, decimal6 } from '../decimal.ts';
import type { Why } from '../diff.ts';
import type { Digest } from '../digest.ts';
import type { CategoricalColumn, NumericColumn, Profile } from '../profile.ts';
import { invariant } from '../result.ts';
import { chiSquare99 } from './chi-square.ts';

/** `n` rows of the baseline, `m` of the candidate, `bins` not empty on both sides, 99 % point under no change. */
export type Psi = { psi: Decimal; null99: Decimal; n: number; m: number; bins: number };
type Column = Profile['columns'][number];
type ValueCounts = readonly { value: string; count: number }[];

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/**
 * Population stability index of two count vectors over the same bins, convention `half_row/1`: a bin empty on both sides is
 * dropped, an empty cell counts as half a row, shares are count / n and not made to sum to one again, natural logarithm.
 * Under no change it is about (1/n + 1/m) times chi-square with one degree less than bins (Yurdakul 2018).
 */
export function psiOf(reference: readonly number[], current: readonly number[]): Psi | null {
  invariant(reference.length === current.length, 'both populations are counted over the same bins');
  const n = total(reference);
  const m = total(current);
  if (n === 0 || m === 0) return null;
  let sum = 0;
  let bins = 0;
  reference.forEach((count, i) => {
    const other = current[i] ?? 0;
    if (count === 0 && other === 0) return;
    bins++;
    const p = (count || 0.5) / n;
    const q = (other || 0.5) / m;
    sum += (q - p) * Math.log(q / p);
  });
  return { psi: decimal6(sum), null99: decimal6((1 / n + 1 / m) * chiSquare99(bins - 1)), n, m, bins };
}

const orSmall = (psi: Psi | null): Psi | Why => psi ?? 'sample-below-minimum';

/** As text: an edge written otherwise was not copied from the sealed profile. */
export const sameEdges = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((edge, i) => edge === b[i]);

/** The candidate's rows at the baseline's own edges, against the baseline's own counts. Missing is a bin of its own. */
function numericPsi(baseline: NumericColumn, candidate: NumericColumn, baselineProfile: Digest): Psi | Why {
  const at = candidate.at.find((counted) => counted.profile === baselineProfile);
  if (at === undefined || !sameEdges(baseline.own.edges, at.edges)) return 'not-at-baseline-edges';
  if (at.counts.length !== baseline.own.counts.length) return 'not-at-baseline-edges';
  return orSmall(psiOf([...baseline.own.counts, baseline.missing], [...at.counts, candidate.missing]));
}

/** Over the union of both sides' values, sorted: the order in a file never moves a figure. */
export function valuesPsi(
  baseline: ValueCounts,
  candidate: ValueCounts,
  missing: readonly [number, number] = [0, 0],
): Psi | Why {
  const before = new Map(baseline.map(({ value, count }) => [value, count]));
  const after = new Map(candidate.map(({ value, count }) => [value, count]));
  const values = [...new Set([...before.keys(), ...after.keys()])].sort();
  const counts = (of: Map<string, number>, lost: number) => [...values.map((value) => of.get(value) ?? 0), lost];
  return orSmall(psiOf(counts(before, missing[0]), counts(after, missing[1])));
}

export function columnPsi(baseline: Column, candidate: Column, baselineProfile: Digest): Psi | Why {
  if (baseline.kind === 'numeric' && candidate.kind === 'numeric') return numericPsi(baseline, candidate, baselineProfile);
  if (baseline.kind === 'categorical' && candidate.kind === 'categorical') return categoricalPsi(baseline, candidate);
  return 'kind-changed';
}

const categoricalPsi = (baseline: CategoricalColumn, candidate: CategoricalColumn): Psi | Why =>
  valuesPsi(baseline.own.values, candidate.own.values, [baseline.missing, candidate.missing]);
