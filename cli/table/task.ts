// The work that other threads do, for a large table or for many events. Here as plain functions: little is done without threads.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import type { Batch, ColumnBatch, Limits, Want } from '../../functions/profile/batch.ts';
import { batchOf } from '../../functions/profile/csv-batch.ts';
import { type Chunk, chunkBatch, footerOf } from '../../functions/profile/parquet.ts';
import { type WideCounts, type WideJob, wideCounts } from '../../functions/profile/shelf.ts';
import type { EventsFound, EventsJob } from './events.ts';

/** Open files of the shelf, by name; threads of one process share their numbers. */
type ShelfFiles = Readonly<Record<string, { readonly fd: number; readonly size: number }>>;

export type Task =
  | {
      readonly kind: 'csv';
      readonly bytes: Uint8Array;
      readonly width: number;
      readonly wants: readonly Want[];
      readonly limits: Limits;
    }
  | {
      readonly kind: 'parquet';
      readonly path: string;
      /** Which opening of a table this is: the same path may hold another file the next time. */
      readonly opening: number;
      readonly chunk: Chunk;
      readonly want: Want;
      readonly limits: Limits;
    }
  | { readonly kind: 'count'; readonly job: WideJob; readonly files: ShelfFiles }
  | { readonly kind: 'events'; readonly job: EventsJob };

export type Answers = { csv: Batch; parquet: ColumnBatch; count: WideCounts; events: EventsFound };

export async function perform(task: Task): Promise<Answers[Task['kind']]> {
  if (task.kind === 'csv') return batchOf(task.bytes, task.width, task.wants, task.limits);
  if (task.kind === 'count') return countOnDisk(task.job, task.files);
  // Its schemas are much to load for who counts rows.
  if (task.kind === 'events') return (await import('./events.ts')).checkEvents(task.job);
  const { file, metadata } = await opened(task.path, task.opening);
  return chunkBatch(file, metadata, task.chunk, task.want, task.limits);
}

/** One footer a thread: it is read for the first chunk and serves all others of the file. */
let last: { opening: number; file: AsyncBuffer; metadata: FileMetaData } | undefined;

async function opened(path: string, opening: number): Promise<{ file: AsyncBuffer; metadata: FileMetaData }> {
  if (last?.opening !== opening) {
    const file = bufferOf(path);
    last = { opening, file, metadata: await footerOf(file) };
  }
  return last;
}

/** A file as the Parquet library reads it. */
export function bufferOf(path: string): AsyncBuffer {
  return {
    byteLength: withFile(path, (fd) => fstatSync(fd).size),
    slice: (start, end) => withFile(path, (fd) => readAt(fd, start, (end ?? fstatSync(fd).size) - start).buffer),
  };
}

function withFile<T>(path: string, work: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Fewer bytes only where the file ends. */
function readAt(fd: number, start: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(0, size));
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(fd, bytes, done, bytes.length - done, start + done);
    if (read === 0) return bytes.slice(0, done);
    done += read;
  }
  return bytes;
}

/** Rows in one block: small enough for the processor's cache. */
const ROWS = 32_768;

function countOnDisk(job: WideJob, files: ShelfFiles): WideCounts {
  function* bytesOf(name: string, width: number): Generator<Uint8Array<ArrayBuffer>> {
    const { fd, size } = files[name] ?? { fd: -1, size: 0 };
    for (let at = 0; at < size; at += ROWS * width) yield readAt(fd, at, Math.min(ROWS * width, size - at));
  }
  function* numbers(): Generator<Float64Array> {
    for (const bytes of bytesOf(job.numbers, 8)) yield new Float64Array(bytes.buffer);
  }
  const codesOf = (name: string) =>
    function* codes(): Generator<Uint16Array> {
      for (const bytes of bytesOf(name, 2)) yield new Uint16Array(bytes.buffer);
    };
  return wideCounts(job, numbers, codesOf);
}
