import { CsvError, parse } from 'csv-parse/sync';
import { fail, ok, problem, type Result } from '../result.ts';

export type Limits = { readonly maxBytes: number; readonly maxRows: number; readonly maxColumns: number };

/** A CSV file with a header, every cell as text: what a number means is for the caller to say. */
export type Table = {
  readonly header: readonly string[];
  readonly rows: number;
  readonly column: (position: number) => readonly string[];
};

const LONGEST = 1024 * 1024;

/** RFC 4180 with a header line; rows of another length, broken quotes or text that is not UTF-8 are refused, not repaired. */
export function readTable(bytes: Uint8Array, pointer: string, limits: Limits): Result<Table> {
  if (bytes.byteLength > limits.maxBytes) {
    return fail(problem('BODY_TOO_LARGE', pointer, `${bytes.byteLength} bytes, at most ${limits.maxBytes} are read`));
  }
  let records: string[][];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    records = plainRecords(text, limits) ?? parse(text, { max_record_size: LONGEST, to: limits.maxRows + 2 });
  } catch (error) {
    // Both are about the sender's bytes; anything else is a bug and goes on.
    if (!(error instanceof CsvError || error instanceof TypeError)) throw error;
    return fail(problem('BYTES_UNREADABLE', pointer, error instanceof CsvError ? error.message : 'not UTF-8'));
  }
  const [header, ...rows] = records;
  if (header === undefined) return fail(problem('BYTES_UNREADABLE', pointer, 'the file is empty'));
  if (header.length > limits.maxColumns) {
    return fail(problem('BODY_TOO_LARGE', pointer, `${header.length} columns, at most ${limits.maxColumns} are read`));
  }
  if (rows.length > limits.maxRows) {
    return fail(problem('BODY_TOO_LARGE', pointer, `more than ${limits.maxRows} rows`));
  }
  const double = header.find((name, i) => header.indexOf(name) !== i);
  if (double !== undefined) return fail(problem('BYTES_UNREADABLE', pointer, `the column "${double}" stands twice`));
  return ok({ header, rows: rows.length, column: (position) => rows.map((row) => row[position] ?? '') });
}

/**
 * What the CSV reader would give, an order of magnitude sooner, for a text that needs little of its care: no carriage return,
 * quotes around whole fields and closed on their line, every row as long as the header. Anything else, and every fault with
 * its message, is left to the reader.
 */
function plainRecords(text: string, { maxRows }: Limits): string[][] | undefined {
  if (text === '' || text.includes('\r')) return undefined;
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  if (lines.length > maxRows + 1) return undefined;
  const records: string[][] = [];
  for (const line of lines) {
    const record = line.includes('"') ? quotedFields(line) : line.split(',');
    // A line of one million UTF-16 units may be longer in the bytes that the reader counts.
    if (line.length * 3 > LONGEST || record?.length !== (records[0] ?? record)?.length || record === undefined)
      return undefined;
    records.push(record);
  }
  return records;
}

function quotedFields(line: string): string[] | undefined {
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (line[at] === '"') {
      const close = line.indexOf('"', at + 1);
      // A doubled quote, or text after the closing one.
      if (close < 0 || (close + 1 < line.length && line[close + 1] !== ',')) return undefined;
      fields.push(line.slice(at + 1, close));
      at = close + 2;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      const field = line.slice(at, end);
      if (field.includes('"')) return undefined;
      fields.push(field);
      at = end + 1;
    }
  }
  return fields;
}
