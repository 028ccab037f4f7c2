import type { Digest } from '../domain/digest.ts';
import type { CategoricalColumn, NumericColumn, Profile } from '../domain/profile.ts';
import { fail, ok, type Problem, pointerOf, problem, type Result } from '../domain/result.ts';
import { add, countAt, decileEdges, type Numbers, numbersOf, type Tally, valueCounts } from './bins.ts';
import { RowFault, type RowSource } from './row-source.ts';

export type Kind = 'numeric' | 'categorical';

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

/** The most values of a categorical column or segment that domain/profile.ts takes; more looks like an identifier. */
const MAX_VALUES = 10_000;
const MAX_VALUE_LENGTH = 500;

/** Counts of one population and nothing of its rows. All that is wrong is named at once. */
export async function profileOf(source: RowSource, options: ProfileOptions): Promise<Result<Profile>> {
  const names = columnNames(source, options);
  const absent = [...names, ...options.segments].filter((name) => !source.columns.includes(name));
  if (absent.length > 0)
    return fail(...absent.map((name) => columnProblem('MISSING_KEY', name, 'no such column in the header')));
  try {
    return countsOf(await tallyRows(source, names, options), options);
  } catch (error) {
    if (error instanceof RowFault) return fail(error.problem);
    throw error;
  }
}

function columnNames(source: RowSource, options: ProfileOptions): string[] {
  return [...new Set([...(options.columns ?? source.columns), ...options.scores.keys()])];
}

const columnProblem = (code: Problem['code'], name: string, detail: string): Problem =>
  problem(code, pointerOf(['columns', name]), `${name}: ${detail}`);

type Tallies = {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Tally>;
  readonly shares: ReadonlyMap<string, Tally>;
  /** Segment column → its value → score column → tally. */
  readonly within: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Tally>>>;
};

async function tallyRows(source: RowSource, names: readonly string[], options: ProfileOptions): Promise<Tallies> {
  const columns = names.map((name) => ({ name, at: source.columns.indexOf(name), tally: new Map<string, number>() }));
  const scores = columns.filter(({ name }) => options.scores.has(name));
  const segments = options.segments.map((name) => ({
    name,
    at: source.columns.indexOf(name),
    tally: new Map<string, number>(),
    values: new Map<string, Map<string, Tally>>(),
  }));
  let rows = 0;
  for await (const row of source.rows) {
    rows++;
    for (const { at, tally } of columns) add(tally, row[at] ?? '');
    for (const segment of segments) {
      const value = row[segment.at] ?? '';
      add(segment.tally, value);
      const inside = segment.values.get(value) ?? new Map(scores.map(({ name }) => [name, new Map<string, number>()]));
      segment.values.set(value, inside);
      for (const { name, at } of scores) add(inside.get(name) ?? new Map(), row[at] ?? '');
    }
  }
  return {
    rows,
    columns: new Map(columns.map(({ name, tally }) => [name, tally])),
    shares: new Map(segments.map(({ name, tally }) => [name, tally])),
    within: new Map(segments.map(({ name, values }) => [name, values])),
  };
}

function countsOf(tallies: Tallies, options: ProfileOptions): Result<Profile> {
  const problems: Problem[] = [];
  const columns: Profile['columns'] = [];
  for (const [name, tally] of tallies.columns) {
    const scored = options.scores.has(name);
    const declared = scored ? 'numeric' : options.kinds?.get(name);
    const numbers = declared === 'categorical' ? undefined : numbersOf(tally);
    if (declared === 'numeric' && numbers === undefined) {
      problems.push(columnProblem('INVALID_VALUE', name, 'declared numeric, but holds a value that is no finite number'));
    } else if (numbers && (declared === 'numeric' || numbers.values.length > 0)) {
      columns.push(numericColumn(name, numbers, options));
    } else {
      problems.push(...valueProblems(name, tally));
      columns.push(categoricalColumn(name, tally));
    }
  }
  for (const [name, tally] of tallies.shares) problems.push(...valueProblems(name, tally));
  if (problems.length > 0) return fail(...problems);
  return ok({
    schema: 'profile/v1',
    convention: 'half_row/1',
    slice: options.slice,
    rows: tallies.rows,
    columns,
    shares: [...tallies.shares].map(([segment, tally]) => ({ segment, counts: valueCounts(tally) })),
    segments: withinSegments(tallies, columns),
  });
}

function valueProblems(name: string, tally: Tally): Problem[] {
  if (tally.size > MAX_VALUES) {
    return [columnProblem('INVALID_VALUE', name, `more than ${MAX_VALUES} values: an identifier, or a number with text in it`)];
  }
  const long = [...tally.keys()].some((value) => value.length > MAX_VALUE_LENGTH);
  return long ? [columnProblem('INVALID_VALUE', name, `a value longer than ${MAX_VALUE_LENGTH} characters is free text`)] : [];
}

function numericColumn(name: string, numbers: Numbers, options: ProfileOptions): NumericColumn {
  const scoredBy = options.scores.get(name);
  const edges = decileEdges(numbers);
  const at: NumericColumn['at'] = [];
  for (const { digest, profile } of options.baselines) {
    const theirs = profile.columns.find((column) => isCounterpart(column, name, scoredBy));
    if (theirs?.kind !== 'numeric' || at.some((seen) => seen.profile === digest)) continue;
    at.push({ profile: digest, edges: theirs.own.edges, counts: countAt(numbers, theirs.own.edges) });
  }
  const own = { edges, counts: countAt(numbers, edges) };
  return { name, kind: 'numeric', ...(scoredBy === undefined ? {} : { scoredBy }), own, at, missing: numbers.missing };
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
function withinSegments(tallies: Tallies, columns: Profile['columns']): Profile['segments'] {
  const scores = columns.filter((column) => column.kind === 'numeric').filter((column) => column.scoredBy !== undefined);
  const segments: Profile['segments'] = [];
  for (const [segment, values] of tallies.within) {
    for (const { value, count } of valueCounts(tallies.shares.get(segment) ?? new Map())) {
      const inside = scores.map((column) => {
        const numbers = numbersOf(values.get(value)?.get(column.name) ?? new Map()) ?? { values: [], counts: [], missing: 0 };
        return {
          column: column.name,
          own: countAt(numbers, column.own.edges),
          at: column.at.map(({ profile, edges }) => ({ profile, counts: countAt(numbers, edges) })),
          missing: numbers.missing,
        };
      });
      segments.push({ segment, value, rows: count, scores: inside });
    }
  }
  return segments;
}
