// The index as a rebuild makes it.
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { replayJournal } from '../../functions/journal.ts';
import type { Row, Vault } from '../../functions/ports.ts';

/** Every row, from the vault alone. */
export async function rowsOfVault(vault: Vault): Promise<Row[]> {
  const again = new SqliteIndex(':memory:');
  await replayJournal(vault, again, () => undefined);
  const rows = [...again.rows()];
  again.close();
  return rows;
}
