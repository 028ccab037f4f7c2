import { CsvError, parse } from 'csv-parse/sync';
import { ok, type Result } from '../domain/result.ts';
import type { Batch, Limits, Source, Want } from './batch.ts';
import { batchOf } from './csv-batch.ts';
import { RowFault, unreadable, unreadableResult } from './row-fault.ts';

const [LF, CR, QUOTE, NUL] = [0x0a, 0x0d, 0x22, 0x00] as const;

/** The longest record. A quote that is never closed would otherwise have the whole file held in memory. */
const LONGEST = 8 * 2 ** 20;

/** Reads blocks, here or on other threads; batches come back in the order of blocks. */
export type ReadBlocks = (
  blocks: AsyncIterable<Uint8Array>,
  width: number,
  wants: readonly Want[],
  limits: Limits,
) => AsyncIterable<Batch>;

async function* readHere(...[blocks, width, wants, limits]: Parameters<ReadBlocks>): AsyncGenerator<Batch> {
  for await (const block of blocks) yield batchOf(block, width, wants, limits);
}

/**
 * RFC 4180 with a header line. A row with more or fewer fields than the header is refused, since a shifted row would be
 * counted in the wrong columns. Rows stream: the file is never held.
 */
export async function openCsv(
  bytes: AsyncIterable<Uint8Array>,
  read: ReadBlocks = readHere,
  longest = LONGEST,
): Promise<Result<Source>> {
  const records = wholeRecords(bytes, longest);
  try {
    const first = await records.next();
    if (first.done) return unreadableResult('the file has no header line');
    const { header, rest } = cutHeader(first.value);
    const columns = namesOf(header);
    const twice = columns.find((name, i) => columns.indexOf(name) !== i);
    if (twice !== undefined) return unreadableResult(`the column ${twice} stands twice`);
    const batches = (wants: readonly Want[], limits: Limits) =>
      withRowNumbers(read(blocksOf(rest, records), columns.length, wants, limits));
    return ok({ columns, batches });
  } catch (error) {
    if (error instanceof RowFault) return unreadableResult(error.message);
    throw error;
  }
}

/** Blocks that end where a record ends. Within quotes a line end is text, so quotes are counted. */
async function* wholeRecords(bytes: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Uint8Array> {
  let kept: Uint8Array[] = [];
  let size = 0;
  let quoted = false;
  for await (const chunk of bytes) {
    if (chunk.includes(NUL)) throw new RowFault(unreadable('not a CSV: it holds a zero byte'));
    const cut = lastRecordEnd(chunk, quoted);
    quoted = cut.quoted;
    if (cut.end > 0) {
      yield joined([...kept, chunk.subarray(0, cut.end)], size + cut.end);
      kept = [];
      size = 0;
    }
    // A copy: the stream may use its memory again.
    if (cut.end < chunk.length) kept.push(chunk.slice(cut.end));
    size += chunk.length - cut.end;
    if (size > longest) throw new RowFault(unreadable(`a row is longer than ${longest} bytes; is a quote never closed?`));
  }
  if (quoted) throw new RowFault(unreadable('a quote is opened and never closed'));
  if (size > 0) yield joined(kept, size);
}

function lastRecordEnd(chunk: Uint8Array, startsQuoted: boolean): { end: number; quoted: boolean } {
  let quoted = startsQuoted;
  let end = 0;
  for (let at = 0; at <= chunk.length; ) {
    const quote = chunk.indexOf(QUOTE, at);
    const until = quote === -1 ? chunk.length : quote;
    if (!quoted && until > at) {
      const line = chunk.lastIndexOf(LF, until - 1);
      if (line >= at) end = line + 1;
    }
    if (quote === -1) break;
    quoted = !quoted;
    at = quote + 1;
  }
  return { end, quoted };
}

/** Memory of its own, so that it can be given to another thread. */
function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const block = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    block.set(part, at);
    at += part.length;
  }
  return block;
}

function cutHeader(block: Uint8Array): { header: Uint8Array; rest: Uint8Array } {
  let start = block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
  while (block[start] === LF || (block[start] === CR && block[start + 1] === LF)) start++;
  let quoted = false;
  let end = start;
  for (; end < block.length && (quoted || block[end] !== LF); end++) if (block[end] === QUOTE) quoted = !quoted;
  return { header: block.subarray(start, end), rest: block.slice(end + 1) };
}

function namesOf(header: Uint8Array): readonly string[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header).replace(/\r$/, '');
    if (text.includes('\r')) throw new RowFault(unreadable('lines end with CR alone; save the table with LF or CRLF'));
    const names = (parse(text) as string[][])[0];
    if (!names) throw new RowFault(unreadable('the file has no header line'));
    return names;
  } catch (error) {
    if (error instanceof CsvError) throw new RowFault(unreadable(`header: ${error.message}`));
    if (error instanceof TypeError) throw new RowFault(unreadable('not a CSV: its header is not UTF-8'));
    throw error;
  }
}

async function* blocksOf(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  yield* rest;
}

/** Who reads a block knows only its own rows; here the rows before it are known. */
async function* withRowNumbers(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  let rows = 0;
  try {
    for await (const batch of batches) {
      yield batch;
      rows += batch.rows;
    }
  } catch (error) {
    if (error instanceof RowFault && error.row !== undefined)
      throw new RowFault(unreadable(`row ${rows + error.row + 1}: ${error.problem.detail}`));
    throw error;
  }
}
