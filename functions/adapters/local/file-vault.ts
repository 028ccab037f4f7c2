import { constants, type Dirent } from 'node:fs';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { InfrastructureError } from '../../domain/errors.ts';
import { invariant } from '../../domain/result.ts';
import { isVaultKey } from '../../domain/vault-keys.ts';
import type { PutOutcome, Vault, VaultKey } from '../../ports.ts';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/**
 * The vault as plain files, created once and read-only. Not WORM against somebody with root on the machine; the README says
 * so. Bytes go to a file of their own name, are synced, then linked to their key: `link` fails when the key exists, which
 * makes the put exclusive, and a crash before it leaves the key free.
 */
export class FileVault implements Vault {
  readonly #root: string;
  readonly #unique: () => string;

  /** `unique` names temporary files; two writers must never share a name. */
  constructor(root: string, unique: () => string) {
    this.#root = root;
    this.#unique = unique;
  }

  async putOnce(key: VaultKey, bytes: Uint8Array): Promise<PutOutcome> {
    const path = this.#pathOf(key);
    const temporary = join(this.#root, 'tmp', this.#unique());
    try {
      await mkdir(dirname(path), { recursive: true });
      await mkdir(dirname(temporary), { recursive: true });
      await writeDurably(temporary, bytes);
      try {
        await link(temporary, path);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        return { kind: 'already', bytes: await readFile(path) };
      } finally {
        await unlink(temporary);
      }
      await syncFolder(dirname(path));
      return { kind: 'stored' };
    } catch (error) {
      throw fault(`cannot store ${key}`, error);
    }
  }

  async get(key: VaultKey): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(this.#pathOf(key)));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw fault(`cannot read ${key}`, error);
    }
  }

  async size(key: VaultKey): Promise<number | undefined> {
    try {
      return (await stat(this.#pathOf(key))).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw fault(`cannot read ${key}`, error);
    }
  }

  async *list(prefix: VaultKey): AsyncIterable<VaultKey> {
    const folder = join(this.#root, ...prefix.split('/').slice(0, -1));
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true, recursive: true });
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw fault(`cannot list ${prefix}`, error);
    }
    const keys = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.#root, join(entry.parentPath, entry.name)).split(sep).join('/'));
    yield* keys.filter((key) => key.startsWith(prefix)).sort();
  }

  #pathOf(key: VaultKey): string {
    invariant(isVaultKey(key), `a vault key, not ${key}`);
    return join(this.#root, ...key.split('/'));
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o444);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is durable only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const fault = (message: string, cause: unknown) =>
  cause instanceof InfrastructureError ? cause : new InfrastructureError(message, { retryable: true, cause });
