import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Stream } from '../functions/domain/crypto.ts';
import { type Digest, digestFromHex } from '../functions/domain/digest.ts';
import { ok, type Result } from '../functions/domain/result.ts';
import { LIMITS } from '../functions/profile/batch.ts';
import { RowFault, unreadableResult } from '../functions/profile/row-fault.ts';
import { liesIn, plainFileIn } from './plain-file.ts';

export type HashedFile = { readonly path: string; readonly digest: Digest; readonly size: number };

/** Told while a large file is read: `done` of `size` bytes. */
export type OnProgress = (file: string, done: number, size: number) => void;

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** Reads files of one folder, each hashed once, never held whole. */
export class Folder {
  readonly root: string;
  readonly #progress: OnProgress;
  readonly #hashed = new Map<string, HashedFile>();

  constructor(root: string, progress: OnProgress) {
    this.root = root;
    this.#progress = progress;
  }

  at(path: string): string {
    return join(this.root, path);
  }

  /** Why a name cannot be used, in words; undefined when it can. */
  async fault(path: string): Promise<string | undefined> {
    const found = await plainFileIn(this.root, path);
    return found === undefined ? `no such file: ${path}` : typeof found === 'string' ? `${path} ${found}` : undefined;
  }

  /** undefined when there is no such regular file in the folder. */
  async hash(path: string): Promise<HashedFile | undefined> {
    const known = this.#hashed.get(path);
    if (known) return known;
    const found = await plainFileIn(this.root, path);
    if (found === undefined || typeof found === 'string') return undefined;
    const { size } = found;
    const hash = sha256Stream();
    let done = 0;
    for await (const chunk of this.stream(path)) {
      hash.update(chunk);
      done += chunk.byteLength;
      this.#progress(path, done, size);
    }
    const file = { path, digest: digestFromHex(hash.hex()), size: done };
    this.#hashed.set(path, file);
    return file;
  }

  stream(path: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.at(path));
  }

  async countRows(path: string): Promise<Result<number>> {
    // The readers of tables are needed here alone; the gate, which only hashes, does not wait for them.
    const { openTable } = await import('./table/open.ts');
    const source = await openTable(this.at(path));
    if (!source.ok) return source;
    let rows = 0;
    try {
      for await (const batch of source.value.batches([], LIMITS)) rows += batch.rows;
    } catch (error) {
      if (error instanceof RowFault) return unreadableResult(error.message);
      throw error;
    }
    return ok(rows);
  }

  /** Every file below `folder`, relative to it; undefined when there is none of that name here. Symbolic links are named, not followed. */
  async list(folder: string): Promise<{ files: string[]; links: string[] } | undefined> {
    const files: string[] = [];
    const links: string[] = [];
    if (!(await liesIn(this.root, folder))) return undefined;
    try {
      for (const entry of await readdir(this.at(folder), { withFileTypes: true })) {
        if (entry.isDirectory()) {
          const below = await this.list(`${folder}/${entry.name}`);
          files.push(...(below?.files ?? []).map((path) => `${entry.name}/${path}`));
          links.push(...(below?.links ?? []).map((path) => `${entry.name}/${path}`));
        } else (entry.isFile() ? files : links).push(entry.name);
      }
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    return { files: files.sort(), links: links.sort() };
  }
}
