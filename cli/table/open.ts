import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Result } from '../../functions/domain/result.ts';
import type { Batch, Source } from '../../functions/profile/batch.ts';
import { openCsv, type ReadBlocks } from '../../functions/profile/csv.ts';
import { openParquet, type ReadChunks } from '../../functions/profile/parquet.ts';
import { unreadableResult } from '../../functions/profile/row-fault.ts';
import { inOrder, noPool, type Pool } from './pool.ts';
import { bufferOf } from './task.ts';

const BLOCK = 2 ** 20;

/** Told after each piece: rows so far, and for a CSV the bytes so far. */
export type OnRows = (rows: number, bytes: number, size: number) => void;

/** CSV or Parquet, told apart by the first bytes; the name decides only what a file of neither kind is called. */
export async function openTable(path: string, pool: Pool = noPool, onRows: OnRows = () => undefined): Promise<Result<Source>> {
  const { size } = statSync(path);
  const first = await firstBytes(path);
  if (first === 'PAR1' || first === 'PARE') {
    const source = await openParquet(bufferOf(path), readChunks(path, pool));
    return source.ok ? { ok: true, value: told(source.value, onRows, () => 0, size) } : source;
  }
  if (path.endsWith('.parquet')) return unreadableResult('not a Parquet file: it does not begin with PAR1');
  let bytes = 0;
  const stream = createReadStream(path, { highWaterMark: BLOCK });
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  const source = await openCsv(counted(), readBlocks(pool));
  return source.ok ? { ok: true, value: told(source.value, onRows, () => bytes, size) } : source;
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

const readBlocks = (pool: Pool): ReadBlocks =>
  async function* (blocks, width, wants, limits) {
    async function* tasks() {
      for await (const bytes of blocks) yield () => pool.run({ kind: 'csv', bytes, width, wants, limits });
    }
    yield* inOrder(tasks(), pool.ahead);
  };

let openings = 0;

function readChunks(path: string, pool: Pool): ReadChunks {
  const opening = openings++;
  return async function* (chunks, limits) {
    async function* tasks() {
      for (const [chunk, want] of chunks) yield () => pool.run({ kind: 'parquet', path, opening, chunk, want, limits });
    }
    yield* inOrder(tasks(), pool.ahead);
  };
}

function told(source: Source, onRows: OnRows, bytes: () => number, size: number): Source {
  async function* batches(...args: Parameters<Source['batches']>): AsyncGenerator<Batch> {
    let rows = 0;
    for await (const batch of source.batches(...args)) {
      rows += batch.rows;
      onRows(rows, bytes(), size);
      yield batch;
    }
  }
  return { columns: source.columns, batches };
}
