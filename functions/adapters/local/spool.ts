import { open, readFile, stat } from 'node:fs/promises';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Spool } from '../../ports.ts';

/** One file of lines, appended and synced. Several processes may append: a line is one write. */
export function fileSpool(path: string): Spool {
  let known: { readonly size: number; readonly lines: readonly unknown[] } = { size: 0, lines: [] };
  const sizeOf = async () => {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw new InfrastructureError(`cannot read ${path}`, { retryable: true, cause: error });
    }
  };
  return {
    append: async (line) => {
      try {
        const file = await open(path, 'a+', 0o600);
        try {
          const { size } = await file.stat();
          const end = new Uint8Array(1);
          if (size > 0) await file.read(end, 0, 1, size - 1);
          // What a crash cut off was never answered, and must not swallow this line.
          const torn = size > 0 && end[0] !== NEWLINE;
          await file.writeFile(`${torn ? '\n' : ''}${JSON.stringify(line)}\n`);
          await file.sync();
        } finally {
          await file.close();
        }
      } catch (error) {
        throw new InfrastructureError(`cannot write ${path}`, { retryable: true, cause: error });
      }
    },
    read: async () => {
      const size = await sizeOf();
      if (size !== known.size) {
        const text = size === 0 ? '' : await readFile(path, 'utf8');
        known = { size: Buffer.byteLength(text), lines: text.split('\n').slice(0, -1).flatMap(lineOf) };
      }
      return known.lines;
    },
  };
}

const NEWLINE = 10;

/** A line that a crash cut off is no JSON. */
function lineOf(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
