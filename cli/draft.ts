import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { type Digest, digestOf } from '../functions/domain/digest.ts';
import type { Code } from '../functions/domain/errors.ts';
import { parseBytes } from '../functions/domain/parse.ts';
import { type Problem, pointerOf, problem } from '../functions/domain/result.ts';
import type { Folder, HashedFile } from './files.ts';

/** Bytes to upload: read from a file when they are sent, or made here. */
export type Blob =
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** What is gathered while a request is built: bytes by digest, and everything that is wrong with the manifest. */
export class Draft {
  readonly folder: Folder;
  readonly blobs = new Map<Digest, Blob>();
  readonly problems: Problem[] = [];

  constructor(folder: Folder) {
    this.folder = folder;
  }

  wrong(code: Code, path: readonly PropertyKey[], detail: string): void {
    this.problems.push(problem(code, pointerOf(path), detail));
  }

  /** Problems of a part, under the part's pointer; answers `instead` so that the rest can still be checked. */
  all<T>(problems: readonly Problem[], path: readonly PropertyKey[], instead: T): T {
    for (const { code, pointer, detail } of problems) this.problems.push(problem(code, pointerOf(path) + pointer, detail));
    return instead;
  }

  keep(bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    this.blobs.set(digest, { kind: 'bytes', bytes });
    return digest;
  }

  keepFile(file: HashedFile): void {
    this.blobs.set(file.digest, { kind: 'file', path: this.folder.at(file.path), size: file.size });
  }

  /** Hashes and keeps a file the manifest names at `path`. */
  async hashed(name: string, path: readonly PropertyKey[]): Promise<HashedFile | undefined> {
    const file = await this.folder.hash(name);
    if (file) this.keepFile(file);
    else this.wrong('BYTES_MISSING', path, (await this.folder.fault(name)) ?? `no such file: ${name}`);
    return file;
  }

  /** A file that is not there gets a digest that nothing has: it is named already, and the rest is still checked. */
  async file(name: string | undefined, path: readonly PropertyKey[]): Promise<Digest | undefined> {
    return name === undefined ? undefined : ((await this.hashed(name, path))?.digest ?? digestOf(name));
  }

  async json<S extends z.ZodType>(name: string, path: readonly PropertyKey[], schema: S): Promise<z.infer<S> | undefined> {
    if (!(await this.hashed(name, path))) return undefined;
    const read = parseBytes(schema, await readFile(this.folder.at(name)));
    return read.ok ? read.value : this.all(read.problems, path, undefined);
  }
}
