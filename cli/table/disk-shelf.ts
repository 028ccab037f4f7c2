import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { memoryShelf, type Shelf, type WideCounts, type WideJob } from '../../functions/profile/shelf.ts';
import type { Pool } from './pool.ts';

/** So much waits in memory before the disk is used at all, and between two writes. */
const BUDGET = 64 * 2 ** 20;

export type DiskShelf = Shelf & { close(): void };

type File = { readonly fd: number; size: number };

/**
 * Numbers that wait in files of a folder of their own. The files lose their names as soon as they are open, so that nothing
 * stays behind however the process ends.
 */
export function makeDiskShelf(under: string, pool: Pool, budget = BUDGET): DiskShelf {
  const files = new Map<string, File>();
  let pieces: { name: string; values: Float64Array | Uint16Array }[] = [];
  let held = 0;
  let folder: string | undefined;

  const flush = (): void => {
    for (const { name, values } of pieces) {
      folder ??= mkdtempSync(join(under, 'countersign-'));
      const file = files.get(name) ?? opened(join(folder, name));
      files.set(name, file);
      writeAll(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      freed(values);
    }
    pieces = [];
    held = 0;
  };
  const orFault = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw new InfrastructureError(faultText(under, error), { retryable: true, cause: error });
    }
  };
  return {
    put(name, values) {
      pieces.push({ name, values });
      held += values.byteLength;
      if (held > budget) orFault(flush);
    },
    async count(job: WideJob): Promise<WideCounts> {
      if (folder === undefined) return fromMemory(pieces, job);
      orFault(flush);
      const names = [job.numbers, ...job.within.map(({ codes }) => codes)];
      const open = names.map((name) => [name, files.get(name) ?? { fd: -1, size: 0 }] as const);
      return pool.run({ kind: 'count', job, files: Object.fromEntries(open) });
    },
    close() {
      for (const { fd } of files.values()) closeSync(fd);
      files.clear();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fromMemory(
  pieces: readonly { name: string; values: Float64Array | Uint16Array }[],
  job: WideJob,
): Promise<WideCounts> {
  const shelf = memoryShelf();
  for (const { name, values } of pieces) shelf.put(name, values);
  return shelf.count(job);
}

/** At once: the collector sees a small object and would let gigabytes of them wait. */
function freed({ buffer }: Float64Array | Uint16Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function opened(path: string): File {
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return { fd, size: 0 };
}

function writeAll(file: File, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file.fd, bytes, done);
  file.size += bytes.length;
}

function faultText(under: string, error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return `the disk is full under ${under}, where numbers wait until all rows are read; set TMPDIR to a folder with room`;
  return `cannot write temporary files under ${under}: ${error instanceof Error ? error.message : error}`;
}
