// Exported evidence, as a zip or as a folder: either is read by name, never whole, and nothing in it leads out of it.
import { lstat, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { openZip, type Source } from '../../functions/domain/pack/zip.ts';
import type { Result } from '../../functions/domain/result.ts';
import { plainFileIn } from '../plain-file.ts';
import { UsageError } from '../usage-error.ts';

export type OpenedPack = {
  readonly get: (name: string) => Promise<Uint8Array | undefined>;
  readonly size: (name: string) => Promise<number | undefined>;
  /** Every file there is, sorted. */
  readonly names: () => Promise<readonly string[]>;
  readonly zip: boolean;
};

/** A zip that is not written as ours are is a no, with what is wrong. */
export async function openPack(path: string): Promise<Result<OpenedPack>> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${path} is not an exported event: no such file or folder`);
  if (found.isDirectory()) return { ok: true, value: folderPack(path) };
  // A pipe would never end, a device has no size.
  if (!found.isFile()) throw unreadable(`${path} is not a plain file`);
  const zip = await openZip(fileSource(path, found.size));
  if (!zip.ok) return zip;
  const { names, sizeOf, get } = zip.value;
  return { ok: true, value: { get, size: async (name) => sizeOf(name), names: async () => names, zip: true } };
}

const unreadable = (text: string) =>
  new InfrastructureError(`${text}; exported evidence is plain files only`, { retryable: false });

/** Opened for each look: a verifier reads a member once or twice, and nothing is left open. */
function fileSource(path: string, size: number): Source {
  const slice = async (from: number, to: number) => {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(to - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, from);
      if (bytesRead !== bytes.byteLength) throw unreadable(`${path} ended while it was read`);
      return bytes;
    } finally {
      await file.close();
    }
  };
  return { size, slice };
}

function folderPack(folder: string): OpenedPack {
  const find = async (name: string) => {
    const found = await plainFileIn(folder, name);
    if (typeof found === 'string') throw unreadable(`${join(folder, name)} ${found}`);
    return found;
  };
  return {
    get: async (name) => {
      const found = await find(name);
      return found && new Uint8Array(await readFile(found.path));
    },
    size: async (name) => (await find(name))?.size,
    names: () => namesIn(folder),
    zip: false,
  };
}

async function namesIn(folder: string, below = ''): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const name = `${below}${entry.name}`;
    if (entry.isDirectory()) names.push(...(await namesIn(folder, `${name}/`)));
    else names.push(name);
  }
  return names.sort();
}
