import { fail, ok, type Problem, problem, type Result } from '../result.ts';
import { type Limits, readTable, type Table } from './table.ts';

/**
 * predictions/v1: `row_id,label,candidate,incumbent[,lastHumanApproved]` and then the segment columns. Label 1 is the
 * positive class, scores are decimal text. A baseline's column is filled in every row or empty in every row.
 */
export type Predictions = {
  readonly rowIds: readonly string[];
  readonly labels: readonly number[];
  readonly candidate: readonly number[];
  readonly incumbent: readonly number[] | null;
  readonly lastHumanApproved: readonly number[] | null;
  readonly segments: ReadonlyMap<string, readonly string[]>;
};

/** The evaluation slice as bytes say it; `labels` 1 where the label column holds the positive value. */
export type EvaluationSlice = {
  readonly rowIds: readonly string[];
  readonly labels: readonly number[];
  readonly column: (name: string) => readonly string[] | undefined;
};

const LIMITS: Limits = { maxBytes: 64 * 1024 * 1024, maxRows: 500_000, maxColumns: 4000 };
const FIXED = ['row_id', 'label', 'candidate', 'incumbent'];
const SCORE = /^-?\d{1,15}(\.\d{1,24})?$/;
/** Enough to see what is wrong. Problems of a refusal are sealed, so they name rows by position and never quote a cell. */
const MAX_PROBLEMS = 20;

export function parsePredictions(bytes: Uint8Array, pointer = '/predictions'): Result<Predictions> {
  const read = readTable(bytes, pointer, LIMITS);
  if (!read.ok) return read;
  const table = read.value;
  if (FIXED.some((name, i) => table.header[i] !== name)) {
    return fail(problem('BYTES_UNREADABLE', pointer, `the first columns must be ${FIXED.join(', ')}`));
  }
  const human = table.header[FIXED.length] === 'lastHumanApproved';
  const problems: Problem[] = [];
  const note = (row: number, detail: string) => {
    // Row 1 is the first under the header, as a person counts.
    if (problems.length < MAX_PROBLEMS) problems.push(problem('BYTES_UNREADABLE', pointer, `row ${row + 1}: ${detail}`));
  };
  const rowIds = table.column(0);
  noteDoubles(rowIds, note);
  const labels = table.column(1).map((text, row) => {
    if (text !== '0' && text !== '1') note(row, 'label must be 0 or 1');
    return text === '1' ? 1 : 0;
  });
  const scores = (position: number, name: string) => table.column(position).map((text, row) => scoreOf(text, name, row, note));
  const optional = (position: number, name: string) =>
    table.column(position).every((text) => text === '') ? null : scores(position, name);
  const value: Predictions = {
    rowIds,
    labels,
    candidate: scores(2, 'candidate'),
    incumbent: optional(3, 'incumbent'),
    lastHumanApproved: human ? optional(4, 'lastHumanApproved') : null,
    segments: segmentsOf(table, FIXED.length + (human ? 1 : 0)),
  };
  return problems.length > 0 ? { ok: false, problems } : ok(value);
}

type SliceColumns = { readonly rowId: string; readonly label: string; readonly positive: string };

export function parseEvaluationSlice(bytes: Uint8Array, columns: SliceColumns, pointer: string): Result<EvaluationSlice> {
  const read = readTable(bytes, pointer, LIMITS);
  if (!read.ok) return read;
  const table = read.value;
  const problems: Problem[] = [];
  const positionOf = (name: string, key: string) => {
    const position = table.header.indexOf(name);
    if (position < 0) {
      problems.push(problem('BYTES_UNREADABLE', `/evaluationRegime/${key}`, `the evaluation slice has no column "${name}"`));
    }
    return position;
  };
  const id = positionOf(columns.rowId, 'rowId');
  const label = positionOf(columns.label, 'label');
  if (problems.length > 0) return { ok: false, problems };
  const rowIds = table.column(id);
  noteDoubles(rowIds, (row, detail) => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem('BYTES_UNREADABLE', pointer, `row ${row + 1}: ${detail}`));
  });
  if (problems.length > 0) return { ok: false, problems };
  return ok({
    rowIds,
    labels: table.column(label).map((text) => (text === columns.positive ? 1 : 0)),
    column: (name) => {
      const position = table.header.indexOf(name);
      return position < 0 ? undefined : table.column(position);
    },
  });
}

type Note = (row: number, detail: string) => void;

function noteDoubles(rowIds: readonly string[], note: Note): void {
  const seen = new Set<string>();
  rowIds.forEach((id, row) => {
    if (id === '') note(row, 'the row id is empty');
    else if (seen.has(id)) note(row, 'its row id stands twice');
    seen.add(id);
  });
}

function scoreOf(text: string, name: string, row: number, note: Note): number {
  if (SCORE.test(text)) return Number(text);
  note(row, `${name} must be a decimal such as 0.057540`);
  return Number.NaN;
}

const segmentsOf = (table: Table, from: number): Map<string, readonly string[]> =>
  new Map(table.header.slice(from).map((name, i) => [name, table.column(from + i)]));
