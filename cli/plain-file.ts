import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

export type PlainFile = { readonly path: string; readonly size: number };

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** Where a name leads when all links are followed; undefined when there is nothing. */
async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether a name, links followed, still lies in the folder; undefined when there is nothing of that name. */
export async function liesIn(folder: string, name: string): Promise<boolean | undefined> {
  const root = await realPath(folder);
  const real = await realPath(join(folder, name));
  if (root === undefined || real === undefined) return undefined;
  return real === root || real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

/**
 * A regular file that really lies in the folder: undefined when there is none of that name, a text when it is something else.
 * Looked at before it is opened, since opening a pipe waits for ever.
 */
export async function plainFileIn(folder: string, name: string): Promise<PlainFile | string | undefined> {
  const path = join(folder, name);
  try {
    const found = await lstat(path);
    if (!found.isFile()) return 'is not a plain file';
    return (await liesIn(folder, name)) ? { path, size: found.size } : 'lies outside the folder';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
