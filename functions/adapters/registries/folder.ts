// The files of a shelf in a folder: a share, or what a script writes. Nothing is reached over a link, and nothing written over one.
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open as openFile, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError } from '../../domain/errors.ts';
import type { HookKeys } from '../../domain/hook.ts';
import { FilePath } from '../../domain/model.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import type { Registry } from '../../registry.ts';
import { createShelf, type Files, type FoundFile, MAX_FILES } from './shelf.ts';

export type FolderOptions = { readonly name: string; readonly root: string; readonly keys?: HookKeys };

export const createFolder = ({ name, root, keys }: FolderOptions): Registry =>
  createShelf({ name, files: folderFiles(root), ...(keys ? { keys } : {}) });

const fault = (message: string, cause?: unknown) => new InfrastructureError(message, { retryable: true, cause });
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

export function folderFiles(root: string): Files {
  const open = async (parts: readonly string[]) => {
    const path = await fileAt(root, parts);
    return path === undefined ? undefined : piecesOf(path);
  };
  return {
    open,
    // A share that is not mounted must not look like one that holds nothing.
    reached: async () => void (await namesAt(root)),
    namesIn: (parts) => namesAt(join(root, ...parts)).catch(() => []),
    list: async (parts) => (await listed(root, parts, '')) ?? ok([]),
    replace: (parts, text) => kept(root, parts, () => replace(root, parts, text)),
    remove: (parts) => kept(root, parts, () => rm(join(root, ...parts), { force: true })),
  };
}

const namesAt = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: unknown) => {
    throw fault(`${folder} cannot be read`, error);
  });

/** A regular file inside the root, reached over no link; undefined for anything else. */
async function fileAt(root: string, parts: readonly string[]): Promise<string | undefined> {
  try {
    const path = join(await realpath(root), ...parts);
    const real = await realpath(path);
    return real === path && (await lstat(path)).isFile() ? path : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fault(`${root} cannot be read`, error);
  }
}

/** A file that goes away while it is read is a fault of the store, as with any other registry. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw fault(`${path} cannot be read to its end`, error);
  }
}

/** Undefined when there is no such folder. A link may be pointed elsewhere after it was hashed: refused. */
async function listed(root: string, at: readonly string[], below: string): Promise<Result<FoundFile[]> | undefined> {
  const found: FoundFile[] = [];
  const entries = await readdir(join(root, ...at, below), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw fault(`${root} cannot be read`, error);
  });
  for (const entry of entries ?? []) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const more = entry.isDirectory() ? await listed(root, at, path) : undefined;
    if (more && !more.ok) return more;
    if (more) found.push(...more.value);
    else if (entry.isFile() && FilePath.safeParse(path).success)
      found.push({ path, size: null, open: () => opened(root, at, path) });
    else return fail(problem('REGISTRY_MISMATCH', '/model/files', `${JSON.stringify(path).slice(0, 100)} is no plain file`));
    if (found.length > MAX_FILES) return fail(problem('REGISTRY_MISMATCH', '/model/files', `more than ${MAX_FILES} files`));
  }
  return entries === undefined ? undefined : ok(found);
}

async function opened(root: string, at: readonly string[], path: string) {
  const file = await fileAt(root, [...at, ...path.split('/')]);
  return file === undefined ? undefined : piecesOf(file);
}

async function kept(root: string, parts: readonly string[], write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw fault(`${parts.join('/')} cannot be written in ${root}`, error);
  }
}

/** Written beside and renamed. Over no link: who may write into the share must not have this server write somewhere else. */
async function replace(root: string, parts: readonly string[], text: string): Promise<void> {
  const path = join(await realpath(root), ...parts);
  await mkdir(dirname(path), { recursive: true });
  if ((await realpath(dirname(path))) !== dirname(path)) throw fault(`${dirname(path)} is reached over a link`);
  const beside = join(dirname(path), `.${parts.at(-1)}.new`);
  await rm(beside, { force: true });
  const file = await openFile(beside, 'wx');
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(beside, path);
}
