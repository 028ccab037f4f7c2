// Reads all rows once: small columns become tallies, scores and columns of many numbers go to the shelf.
import type { Digest } from '../domain/digest.ts';
import { type Problem, pointerOf, problem } from '../domain/result.ts';
import type { Batch, ColumnBatch, Limits, Source, Texts, Want } from './batch.ts';
import type { Tally } from './bins.ts';
import { decimalOf } from './decimal.ts';
import { RowFault } from './row-fault.ts';
import type { Shelf } from './shelf.ts';

export type Kind = 'numeric' | 'categorical';

export type Wanted = {
  readonly names: readonly string[];
  readonly segments: readonly string[];
  readonly scores: ReadonlyMap<string, Digest>;
  readonly kinds?: ReadonlyMap<string, Kind> | undefined;
};

/** A column that was counted: its tally, or its numbers on the shelf with how many are there and how many are missing. */
export type Collected = {
  readonly tally: Tally;
  readonly onShelf: boolean;
  readonly missing: number;
  readonly text?: string | undefined;
};

export type Rows = { readonly rows: number; readonly columns: ReadonlyMap<string, Collected> };

export const columnProblem = (code: Problem['code'], name: string, detail: string): Problem =>
  problem(code, pointerOf(['columns', name]), `${name}: ${detail}`);

const tooMany = (name: string, { values }: Limits): Problem =>
  columnProblem('INVALID_VALUE', name, `more than ${values} values: an identifier, or a number with text in it`);

/** Longer ones would make memory grow with them, and the profile does not take them. */
const MAX_VALUE_LENGTH = 500;
const tooLong = (name: string): Problem =>
  columnProblem('INVALID_VALUE', name, `a value longer than ${MAX_VALUE_LENGTH} characters is free text`);

const shelfName = (at: number): string => `numbers-${at}`;
export const numbersName = (source: Source, name: string): string => shelfName(source.columns.indexOf(name));
export const codesName = (source: Source, name: string): string => `codes-${source.columns.indexOf(name)}`;

type State = {
  readonly name: string;
  readonly want: Want;
  readonly tally: Tally;
  /** Places of the tally's texts: what a row's code means. */
  readonly places: Map<string, number>;
  /** Nothing but numbers will do from here on. */
  wide: boolean;
  readonly mayBecomeWide: boolean;
  missing: number;
  text: string | undefined;
};

export async function collect(source: Source, wanted: Wanted, limits: Limits, shelf: Shelf): Promise<Rows> {
  const states = statesOf(source, wanted);
  const byPlace = new Map(states.map((state) => [state.want.at, state]));
  let rows = 0;
  const wants = states.map(({ want }) => want);
  for await (const batch of source.batches(wants, limits)) {
    rows += batch.rows;
    take(batch, byPlace, limits, shelf);
  }
  return {
    rows,
    columns: new Map(states.map(({ name, tally, wide, missing, text }) => [name, { tally, onShelf: wide, missing, text }])),
  };
}

function statesOf(source: Source, { names, segments, scores, kinds }: Wanted): State[] {
  return [...new Set([...names, ...segments])].map((name) => {
    const segment = segments.includes(name);
    const declared = scores.has(name) ? 'numeric' : names.includes(name) ? kinds?.get(name) : 'categorical';
    const wide = declared === 'numeric';
    const texts = !wide || segment;
    const want = { at: source.columns.indexOf(name), numbers: wide, texts, codes: segment };
    const mayBecomeWide = declared === undefined && !segment;
    return { name, want, tally: new Map(), places: new Map(), wide, mayBecomeWide, missing: 0, text: undefined };
  });
}

function take(batch: Batch, states: ReadonlyMap<number, State>, limits: Limits, shelf: Shelf): void {
  for (const column of batch.columns) {
    const state = states.get(column.at);
    if (!state) continue;
    // Where blocks are read ahead, texts still come in after the column went over to numbers.
    if (column.texts && !state.want.texts) spread(state, pairsOf(column.texts), shelf);
    else if (column.texts) takeTexts(state, column.texts, shelf);
    const overfull = column.overfull === true || state.tally.size > limits.values;
    if (overfull && !state.mayBecomeWide) throw new RowFault(tooMany(state.name, limits));
    if (overfull && !state.wide) widen(state, shelf);
    if (state.wide) takeNumbers(state, column, shelf);
    if (state.text !== undefined && state.mayBecomeWide) throw new RowFault(tooMany(state.name, limits));
  }
}

function takeTexts(state: State, { values, counts, codes }: Texts, shelf: Shelf): void {
  if (values.some((value) => value.length > MAX_VALUE_LENGTH)) throw new RowFault(tooLong(state.name));
  for (const [i, text] of values.entries()) state.tally.set(text, (state.tally.get(text) ?? 0) + (counts[i] ?? 0));
  if (!codes) return;
  const places = Uint16Array.from(values, (text) => {
    const known = state.places.get(text) ?? state.places.size;
    state.places.set(text, known);
    return known;
  });
  shelf.put(
    `codes-${state.want.at}`,
    codes.map((code) => places[code] ?? 0),
  );
}

/** From here on the column is its numbers; what was tallied goes to the shelf as if it had been read so. */
function widen(state: State, shelf: Shelf): void {
  state.wide = true;
  state.want.texts = false;
  state.want.numbers = true;
  spread(state, [...state.tally], shelf);
  state.tally.clear();
}

const pairsOf = ({ values, counts }: Texts): [string, number][] => values.map((text, i) => [text, counts[i] ?? 0]);

/** Rows in a block of what a tally is spread into: one value may stand in most rows of a file. */
const PIECE = 65_536;

function spread(state: State, pairs: readonly (readonly [string, number])[], shelf: Shelf): void {
  for (const [text, count] of pairs) {
    if (text === '') {
      state.missing += count;
      continue;
    }
    const value = decimalOf(text);
    if (Number.isNaN(value)) state.text ??= text;
    for (let left = count; left > 0; left -= PIECE)
      shelf.put(shelfName(state.want.at), new Float64Array(Math.min(left, PIECE)).fill(value));
  }
}

function takeNumbers(state: State, { numbers, missing, text }: ColumnBatch, shelf: Shelf): void {
  if (!numbers) return;
  state.missing += missing ?? 0;
  state.text ??= text;
  if (state.text === undefined) shelf.put(shelfName(state.want.at), numbers);
}

/** Texts of a segment in the order of their codes. */
export const placesOf = (tally: Tally): string[] => [...tally.keys()];
