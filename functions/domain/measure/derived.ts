import type { Slice } from '../slice.ts';
import type { EvaluationSlice } from './predictions.ts';

/**
 * Rows of the evaluation slice that all `column=value` filters of a slice derived from it match; a text says what cannot be
 * counted. Only such filters can be checked against rows that are here, so no other way of cutting is taken at its word.
 */
export function derivedRows({ filters }: Pick<Slice, 'filters'>, evaluation: EvaluationSlice): number | string {
  if (filters.length === 0) return 'it states no filter';
  const wanted: { cells: readonly string[]; value: string }[] = [];
  for (const filter of filters) {
    const [, name, value] = /^\s*([^=]*[^=\s])\s*=\s*(.*?)\s*$/su.exec(filter) ?? [];
    const cells = name === undefined ? undefined : evaluation.column(name);
    if (cells === undefined || value === undefined) return 'a filter is not column=value of a column of the evaluation slice';
    wanted.push({ cells, value });
  }
  return evaluation.rowIds.filter((_, row) => wanted.every(({ cells, value }) => cells[row] === value)).length;
}

/** What is wrong with a slice that says it is derived from the evaluation slice, or null. */
export function derivedFault(slice: Pick<Slice, 'filters' | 'rows'>, evaluation: EvaluationSlice): string | null {
  const rows = derivedRows(slice, evaluation);
  if (typeof rows === 'string') return rows;
  return rows === slice.rows ? null : `${slice.rows} rows are stated, its filters match ${rows}`;
}
