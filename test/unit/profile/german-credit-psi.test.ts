import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../../functions/domain/digest.ts';
import { columnPsi, type Psi, psiOf, valuesPsi } from '../../../functions/domain/measure/psi.ts';
import type { NumericColumn, Profile } from '../../../functions/domain/profile.ts';
import { readHeader } from './header.ts';
import { EXAMPLE, GOLDEN, golden, profilePath, sealed } from './support.ts';

// Figures of an independent implementation over the same rows: every one must come out of our counts, to six decimals.

const Figure = z.tuple([z.string(), z.string()]);
const Golden = z.object({
  convention: z.string(),
  comparisons: z.array(
    z.object({
      reference: z.string(),
      current: z.string(),
      columns: z.record(z.string(), Figure),
      shares: z.record(z.string(), Figure),
      within: z.record(z.string(), z.record(z.string(), z.record(z.string(), Figure))),
    }),
  ),
  edges: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
});
const expected = Golden.parse(JSON.parse(golden('psi.json')));
const SEGMENTS = ['age_band', 'sex_as_labelled', 'foreign_worker', 'housing'];

// One population of the figures is not in the example, which announces a part of it.
const folderOf = (population: string) => (population === 'current-2026-10-young' ? GOLDEN : join(EXAMPLE, 'data/populations'));
const pathOf = (population: string) => join(folderOf(population), `${population}.csv`);
const counted = (population: string, baselines: { digest: ReturnType<typeof digestOf>; profile: Profile }[] = []) => {
  const header = readHeader(pathOf(population));
  const scores = new Map(header.filter((name) => name.startsWith('score_')).map((name) => [name, digestOf(name)]));
  const columns = header.filter((name) => !['row_id', 'age_band', 'sex_as_labelled', 'foreign_worker'].includes(name));
  return profilePath(pathOf(population), { columns, segments: SEGMENTS, scores, baselines });
};
const figure = (psi: Psi | string | null) => (psi === null || typeof psi === 'string' ? psi : [psi.psi, psi.null99]);
const columnOf = (profile: Profile, name: string) => {
  const column = profile.columns.find((each) => each.name === name);
  if (!column) throw new Error(`no column ${name}`);
  return column;
};
const scoreWithin = (profile: Profile, segment: string, value: string, column: string) =>
  profile.segments.find((each) => each.segment === segment && each.value === value)?.scores.find((s) => s.column === column);

describe.each(expected.comparisons)('PSI $reference → $current equals every expected figure', (comparison) => {
  test('inputs and scores, at the sealed edges of the reference', async () => {
    const reference = sealed(await counted(comparison.reference));
    const current = await counted(comparison.current, [reference]);
    const ours = Object.keys(comparison.columns).map((name) => {
      const psi = columnPsi(columnOf(reference.profile, name), columnOf(current, name), reference.digest);
      return [name, figure(psi)];
    });
    expect(Object.fromEntries(ours)).toEqual(comparison.columns);
  });

  test('segment shares', async () => {
    const [reference, current] = [await counted(comparison.reference), await counted(comparison.current)];
    const shares = (profile: Profile, name: string) => profile.shares.find(({ segment }) => segment === name)?.counts ?? [];
    const ours = Object.keys(comparison.shares).map((name) => [
      name,
      figure(valuesPsi(shares(reference, name), shares(current, name))),
    ]);
    expect(Object.fromEntries(ours)).toEqual(comparison.shares);
  });

  test('scores within a segment value, at the edges of the whole reference population', async () => {
    const reference = sealed(await counted(comparison.reference));
    const current = await counted(comparison.current, [reference]);
    const ours = structuredClone(comparison.within);
    for (const [column, segments] of Object.entries(ours)) {
      for (const [segment, values] of Object.entries(segments)) {
        for (const value of Object.keys(values)) {
          const before = scoreWithin(reference.profile, segment, value, column)?.own ?? [];
          const after = scoreWithin(current, segment, value, column)?.at[0]?.counts ?? [];
          const psi = psiOf(before, after);
          values[value] = [psi?.psi ?? '', psi?.null99 ?? ''];
        }
      }
    }
    expect(ours).toEqual(comparison.within);
  });
});

describe.each(Object.entries(expected.edges))('edges of %s', (population, edges) => {
  test('are the expected deciles to the last bit', async () => {
    const profile = await counted(population);
    const ours = Object.keys(edges).map((name) => [name, (columnOf(profile, name) as NumericColumn).own.edges.map(Number)]);
    const theirs = Object.entries(edges).map(([name, list]) => [name, list.map(Number)]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
  });
});
