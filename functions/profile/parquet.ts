// Parquet by hyparquet, a row group and a column at a time: nothing but the wanted columns is read.
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { fail, ok, type Result } from '../domain/result.ts';
import type { Batch, ColumnBatch, Limits, Source, Texts, Want } from './batch.ts';
import { columnProblem } from './collect.ts';
import { decimalOf } from './decimal.ts';
import { RowFault, unreadable } from './row-fault.ts';

/** One column of one row group. */
export type Chunk = { readonly name: string; readonly start: number; readonly end: number };

/** Reads chunks, here or on other threads, each when asked for; answers come in the order of chunks. */
export type ReadChunks = (chunks: Iterable<[Chunk, Want]>, limits: Limits) => AsyncIterable<ColumnBatch>;

export async function openParquet(file: AsyncBuffer, read?: ReadChunks): Promise<Result<Source>> {
  try {
    const metadata = await footerOf(file);
    const fields = parquetSchema(metadata).children;
    const columns = fields.map(({ element }) => element.name);
    async function* here(chunks: Iterable<[Chunk, Want]>, limits: Limits): AsyncGenerator<ColumnBatch> {
      for (const [chunk, want] of chunks) yield await chunkBatch(file, metadata, chunk, want, limits);
    }
    return ok({ columns, batches: (wants, limits) => batchesOf(metadata, fields, wants, limits, read ?? here) });
  } catch (error) {
    if (error instanceof RowFault) return fail(error.problem);
    throw error;
  }
}

export async function footerOf(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < 12) throw new RowFault(unreadable('not a Parquet file: it is too short'));
  const tail = new TextDecoder('latin1').decode(await file.slice(file.byteLength - 4, file.byteLength));
  if (tail === 'PARE') throw new RowFault(unreadable('this Parquet file is encrypted; write it without encryption'));
  if (tail !== 'PAR1') throw new RowFault(unreadable('not a whole Parquet file: it does not end with PAR1; was it cut off?'));
  return reading(() => parquetMetadataAsync(file, { geoparquet: false }));
}

/** The library throws plain errors on bytes it cannot read; a fault of the disk names its system call. */
async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || 'syscall' in error) throw error;
    throw new RowFault(unreadable(`not readable as Parquet: ${error.message}`));
  }
}

async function* batchesOf(
  metadata: FileMetaData,
  fields: readonly SchemaTree[],
  wants: readonly Want[],
  limits: Limits,
  read: ReadChunks,
): AsyncGenerator<Batch> {
  for (const { at } of wants) refuseUnlessFlat(fields[at]);
  function* chunks(): Generator<[Chunk, Want]> {
    let start = 0;
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows);
      for (const want of wants) yield [{ name: fields[want.at]?.element.name ?? '', start, end }, want];
      start = end;
    }
  }
  let rows = 0;
  for (const group of metadata.row_groups) rows += Number(group.num_rows);
  yield { rows, columns: [] };
  for await (const column of read(chunks(), limits)) yield { rows: 0, columns: [column] };
}

const PLAIN = new Set(['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE']);
const MEANT = /^(UTF8|ENUM|STRING|INTEGER|U?INT_(8|16|32|64))$/;

/** Only what a CSV would hold in one cell in one way. Dates and decimals are written in many ways, so they are not guessed. */
function refuseUnlessFlat(field: SchemaTree | undefined): void {
  const element = field?.element;
  if (!field || !element) return;
  const refuse = (what: string) => new RowFault(columnProblem('INVALID_VALUE', element.name, what));
  if (field.children.length > 0 || element.repetition_type === 'REPEATED')
    throw refuse('nested values cannot be counted; leave the column out with --columns, or flatten it');
  const meaning = element.logical_type?.type ?? element.converted_type;
  const plain = meaning === undefined ? PLAIN.has(element.type ?? '') : MEANT.test(meaning);
  if (!plain)
    throw refuse(`values of type ${meaning ?? element.type} cannot be counted; cast the column to a string or a double`);
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const parsers = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && strict.decode(bytes) };

export async function chunkBatch(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { name, start, end }: Chunk,
  want: Want,
  limits: Limits,
): Promise<ColumnBatch> {
  const pages: ArrayLike<unknown>[] = [];
  const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) => void pages.push(columnData);
  await reading(() =>
    parquetRead({ file, metadata, columns: [name], rowStart: start, rowEnd: end, compressors, parsers, onChunk }),
  );
  const rows = pages.reduce((sum, page) => sum + page.length, 0);
  if (rows !== end - start) throw new RowFault(unreadable(`${name}: ${rows} values in a group of ${end - start} rows`));
  const texts = want.texts ? textsIn(pages, rows, want.codes, limits.values) : undefined;
  const overfull = want.texts && !texts;
  const numbers = want.numbers || overfull ? numbersIn(pages, rows) : {};
  return { at: want.at, ...numbers, ...(texts ? { texts } : {}), ...(overfull ? { overfull } : {}) };
}

function numbersIn(
  pages: readonly ArrayLike<unknown>[],
  rows: number,
): { numbers: Float64Array; missing: number; text?: string } {
  const numbers = new Float64Array(rows);
  let [at, missing] = [0, 0];
  let text: string | undefined;
  for (const page of pages) {
    for (let i = 0; i < page.length; i++) {
      const cell = page[i];
      const value = typeof cell === 'number' ? cell + 0 : numberOf(cell);
      if (!Number.isFinite(value)) {
        if (isMissing(cell)) missing++;
        else text ??= String(cell);
        numbers[at++] = Number.NaN;
      } else numbers[at++] = value;
    }
  }
  return text === undefined ? { numbers, missing } : { numbers, missing, text };
}

const isMissing = (cell: unknown): boolean => cell === null || cell === undefined || cell === '';

const numberOf = (cell: unknown): number =>
  typeof cell === 'bigint' ? Number(cell) : typeof cell === 'string' ? decimalOf(cell) : Number.NaN;

function textsIn(pages: readonly ArrayLike<unknown>[], rows: number, coded: boolean, most: number): Texts | undefined {
  const places = new Map<unknown, number>();
  const counts: number[] = [];
  const codes = coded ? new Uint16Array(rows) : undefined;
  let row = 0;
  for (const page of pages) {
    for (let i = 0; i < page.length; i++) {
      const cell = page[i] ?? '';
      let place = places.get(cell);
      if (place === undefined) {
        if (places.size === most) return undefined;
        place = places.size;
        places.set(cell, place);
        counts.push(0);
      }
      counts[place] = (counts[place] ?? 0) + 1;
      if (codes) codes[row] = place;
      row++;
    }
  }
  return { values: [...places.keys()].map(String), counts: Uint32Array.from(counts), ...(codes ? { codes } : {}) };
}
