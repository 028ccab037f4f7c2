import type { Digest } from '../domain/digest.ts';
import type { CategoricalColumn, NumericColumn, Profile } from '../domain/profile.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import { LIMITS, type Limits, type Source } from './batch.ts';
import { countAt, decileEdges, type Numbers, numbersOf, type Tally, valueCounts } from './bins.ts';
import { type Collected, codesName, collect, columnProblem, type Kind, numbersName, placesOf, type Rows } from './collect.ts';
import { RowFault } from './row-fault.ts';
import { memoryShelf, type Shelf, type WideCounts } from './shelf.ts';

export type ProfileOptions = {
  /** Digest of the scoring slice these rows are. */
  readonly slice: Digest;
  /** Columns to count besides the scores; all of the header when absent. */
  readonly columns?: readonly string[] | undefined;
  /** What the model takes a column for; without it a column of nothing but numbers is numeric. */
  readonly kinds?: ReadonlyMap<string, Kind> | undefined;
  readonly segments: readonly string[];
  /** Score columns, each with the OMS root of the model that gave the scores. */
  readonly scores: ReadonlyMap<string, Digest>;
  /** Sealed profiles of incumbent and last human-approved version: the same rows are counted at their edges too. */
  readonly baselines: readonly { readonly digest: Digest; readonly profile: Profile }[];
};

/** Counts of one population and nothing of its rows. Where many numbers must wait, they wait on the shelf. */
export async function profileOf(
  source: Source,
  options: ProfileOptions,
  shelf: Shelf = memoryShelf(),
  limits: Limits = LIMITS,
): Promise<Result<Profile>> {
  const names = columnNames(source, options);
  const absent = [...names, ...options.segments].filter((name) => !source.columns.includes(name));
  if (absent.length > 0)
    return fail(...absent.map((name) => columnProblem('MISSING_KEY', name, 'no such column in the header')));
  try {
    const rows = await collect(source, { ...options, names }, limits, shelf);
    return await countsOf({ source, options, rows, shelf }, names);
  } catch (error) {
    if (error instanceof RowFault) return fail(error.problem);
    throw error;
  }
}

function columnNames(source: Source, options: ProfileOptions): string[] {
  return [...new Set([...(options.columns ?? source.columns), ...options.scores.keys()])];
}

type Work = {
  readonly source: Source;
  readonly options: ProfileOptions;
  readonly rows: Rows;
  readonly shelf: Shelf;
};

async function countsOf(work: Work, names: readonly string[]): Promise<Result<Profile>> {
  const { options, rows } = work;
  const wrong = names.filter((name) => isNumeric(options, name) && rows.columns.get(name)?.text !== undefined);
  if (wrong.length > 0)
    return fail(
      ...wrong.map((name) =>
        columnProblem('INVALID_VALUE', name, 'declared numeric, but holds a value that is no finite number'),
      ),
    );
  const counted = await Promise.all(names.map((name) => countColumn(work, name)));
  return ok({
    schema: 'profile/v1',
    convention: 'half_row/1',
    slice: options.slice,
    rows: rows.rows,
    columns: counted.map(({ column }) => column),
    shares: segmentsOf(work).map(({ segment, tally }) => ({ segment, counts: valueCounts(tally) })),
    segments: withinSegments(work, counted),
  });
}

const isNumeric = ({ scores, kinds }: ProfileOptions, name: string): boolean =>
  scores.has(name) || kinds?.get(name) === 'numeric';

const segmentsOf = ({ options, rows }: Work): { segment: string; tally: Tally }[] =>
  options.segments.map((segment) => ({ segment, tally: rows.columns.get(segment)?.tally ?? new Map() }));

type Counted = { readonly column: Profile['columns'][number]; readonly wide?: WideCounts };

async function countColumn(work: Work, name: string): Promise<Counted> {
  const collected = work.rows.columns.get(name) ?? { tally: new Map(), onShelf: false, missing: 0 };
  if (collected.onShelf) return countWide(work, name, collected);
  const numbers = work.options.kinds?.get(name) === 'categorical' ? undefined : numbersOf(collected.tally);
  const column =
    numbers && numbers.values.length > 0
      ? smallColumn(name, numbers, baselinesOf(name, work.options))
      : categoricalColumn(name, collected.tally);
  return { column };
}

type Baseline = { readonly profile: Digest; readonly edges: string[] };

/** Edges of the same column in each sealed profile; a profile that is named twice is counted once. */
function baselinesOf(name: string, { scores, baselines }: ProfileOptions): Baseline[] {
  const found: Baseline[] = [];
  for (const { digest, profile } of baselines) {
    const theirs = profile.columns.find((column) => isCounterpart(column, name, scores.get(name)));
    if (theirs?.kind !== 'numeric' || found.some((seen) => seen.profile === digest)) continue;
    found.push({ profile: digest, edges: theirs.own.edges });
  }
  return found;
}

function smallColumn(name: string, numbers: Numbers, baselines: readonly Baseline[]): NumericColumn {
  const edges = decileEdges(numbers);
  const at = baselines.map((baseline) => ({ ...baseline, counts: countAt(numbers, baseline.edges) }));
  return { name, kind: 'numeric', own: { edges, counts: countAt(numbers, edges) }, at, missing: numbers.missing };
}

async function countWide(work: Work, name: string, { missing }: Collected): Promise<Counted> {
  const { options, rows, source } = work;
  const scoredBy = options.scores.get(name);
  const baselines = baselinesOf(name, options);
  const wide = await work.shelf.count({
    numbers: numbersName(source, name),
    present: rows.rows - missing,
    cuts: baselines.map(({ edges }) => edges.map(Number)),
    within:
      scoredBy === undefined
        ? []
        : segmentsOf(work).map(({ segment, tally }) => ({ codes: codesName(source, segment), groups: tally.size })),
  });
  const [ownCounts = [], ...theirs] = wide.counts.map((counts) => [...counts]);
  const own = { edges: wide.edges.map(String), counts: ownCounts };
  const at = baselines.map((baseline, i) => ({ ...baseline, counts: theirs[i] ?? [] }));
  return { column: { name, kind: 'numeric', ...(scoredBy === undefined ? {} : { scoredBy }), own, at, missing }, wide };
}

/** A score is the same score when the same model gave it, whatever its column is called; an input goes by its name. */
const isCounterpart = (theirs: Profile['columns'][number], name: string, scoredBy: Digest | undefined): boolean => {
  const theirModel = theirs.kind === 'numeric' ? theirs.scoredBy : undefined;
  return scoredBy === undefined ? theirModel === undefined && theirs.name === name : theirModel === scoredBy;
};

function categoricalColumn(name: string, tally: Tally): CategoricalColumn {
  const values = valueCounts(tally).filter(({ value }) => value !== '');
  return { name, kind: 'categorical', own: { values }, missing: tally.get('') ?? 0 };
}

/** Scores within each segment value at the edges of the whole population: the column says which. */
function withinSegments(work: Work, counted: readonly Counted[]): Profile['segments'] {
  const scores = counted.flatMap(({ column, wide }) =>
    column.kind === 'numeric' && column.scoredBy !== undefined && wide ? [{ column, wide }] : [],
  );
  return segmentsOf(work).flatMap(({ segment, tally }, place) => {
    const codes = new Map(placesOf(tally).map((value, code) => [value, code]));
    return valueCounts(tally).map(({ value, count }) => {
      const inside = scores.map(({ column, wide }) => {
        const [own = [], ...theirs] = (wide.within[place] ?? []).map((groups) => [...(groups[codes.get(value) ?? -1] ?? [])]);
        const at = column.at.map(({ profile }, i) => ({ profile, counts: theirs[i] ?? [] }));
        return { column: column.name, own, at, missing: count - own.reduce((sum, one) => sum + one, 0) };
      });
      return { segment, value, rows: count, scores: inside };
    });
  });
}
