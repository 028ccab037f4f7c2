// A store of objects in memory and an index that follows its journal, and the index as a rebuild makes it.
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { replayJournal } from '../../functions/journal.ts';
import type { Row, Vault } from '../../functions/ports.ts';

export function memoryVault(objects = new Map<string, Uint8Array>()): Vault & { readonly objects: Map<string, Uint8Array> } {
  return {
    objects,
    putOnce: async (key, bytes) => {
      const there = objects.get(key);
      if (there) return { kind: 'already', bytes: there };
      objects.set(key, bytes);
      return { kind: 'stored' };
    },
    get: async (key) => objects.get(key),
    size: async (key) => objects.get(key)?.byteLength,
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}

/** Every row, from the vault alone. */
export async function rowsOfVault(vault: Vault): Promise<Row[]> {
  const again = new SqliteIndex(':memory:');
  await replayJournal(vault, again, () => undefined);
  const rows = [...again.rows()];
  again.close();
  return rows;
}
