// The objects of a vault that lies in a folder, by their keys: for those who read many of them and not one exported event.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { isVaultKey } from '../../functions/domain/vault-keys.ts';
import type { Bench } from '../../functions/replay.ts';
import { plainFileIn } from '../plain-file.ts';
import { UsageError } from '../usage-error.ts';

/** Reads by vault key: a key never leads out of the folder, nor does anything that lies in it. */
export function readerOf(folder: string): Bench['vault'] {
  // A folder may come from a stranger: a pipe would never end, a device or a link would be read as evidence.
  const find = async (key: string) => {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    const found = await plainFileIn(folder, key);
    if (typeof found !== 'string') return found;
    throw new InfrastructureError(`${join(folder, key)} ${found}; exported evidence is plain files only`, { retryable: false });
  };
  return {
    get: async (key) => {
      const found = await find(key);
      return found && new Uint8Array(await readFile(found.path));
    },
    size: async (key) => (await find(key))?.size,
  };
}
