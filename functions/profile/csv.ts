import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { ok, type Result } from '../domain/result.ts';
import { RowFault, type RowSource, unreadable, unreadableResult } from './row-source.ts';

/**
 * RFC 4180 with a header line. A row with more or fewer fields than the header is refused, since a shifted row would be
 * counted in the wrong columns. Rows stream: the file is never held.
 */
export async function openCsv(bytes: AsyncIterable<Uint8Array>): Promise<Result<RowSource>> {
  const parser = parse({ bom: true, skip_empty_lines: true });
  const source = Readable.from(bytes, { objectMode: false });
  // pipe() does not hand on errors; a fault of the source must reach whoever reads the rows.
  source.on('error', (error) => parser.destroy(error));
  const records: AsyncIterator<string[]> = source.pipe(parser)[Symbol.asyncIterator]();
  try {
    const header = await records.next();
    if (header.done) return unreadableResult('the file has no header line');
    const columns = header.value;
    const twice = columns.find((name, i) => columns.indexOf(name) !== i);
    if (twice !== undefined) return unreadableResult(`the column ${twice} stands twice`);
    return ok({ columns, rows: rest(records) });
  } catch (error) {
    if (error instanceof CsvError) return unreadableResult(error.message);
    throw error;
  }
}

async function* rest(records: AsyncIterator<string[]>): AsyncGenerator<readonly string[]> {
  try {
    for (let next = await records.next(); !next.done; next = await records.next()) yield next.value;
  } catch (error) {
    if (error instanceof CsvError) throw new RowFault(unreadable(error.message));
    throw error;
  }
}
