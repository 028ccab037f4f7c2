// The index of a data folder: opened only when it is whole and belongs to the vault beside it; else said what to run.
import { constants } from 'node:fs';
import { access, chmod, open as openFile } from 'node:fs/promises';
import { SqliteIndex } from '../functions/adapters/local/sqlite-index.ts';
import { InfrastructureError } from '../functions/domain/errors.ts';
import { keys } from '../functions/domain/rows.ts';
import { type JournalledIndex, journalEnd, journalled, problemOfPair } from '../functions/journal.ts';
import type { Vault } from '../functions/ports.ts';

const rebuildFirst = (data: string, why: string, cause?: unknown): InfrastructureError =>
  new InfrastructureError(`${why}. The index is a cache of the vault: run \`countersign rebuild --data ${data}\``, {
    retryable: false,
    cause,
  });

export type OpenedIndex = { readonly file: SqliteIndex; readonly index: JournalledIndex };

/** What is in the journal and not in the rows is written first: that is what a crash between the two leaves. */
export async function openIndex(data: string, path: string, vault: Vault): Promise<OpenedIndex> {
  const there = await exists(path);
  if (!there && (await holdsSomething(vault))) throw rebuildFirst(data, `${path} is missing and the vault is not empty`);
  // It keeps raw tokens; the folder itself may have been made wider by its owner. Before it is opened where it can be: a read-only disk
  // is named by this, and SQLite would only say that it cannot open the file.
  if (there) await chmod(path, 0o600);
  const file = open(data, path);
  try {
    if (!there) await chmod(path, 0o600);
    const fault = file.fault();
    if (fault !== undefined) throw rebuildFirst(data, `${path} is damaged: ${fault}`);
    await refuseWithoutJournal(file, path);
    const wrong = await problemOfPair(vault, file);
    if (wrong !== undefined) throw rebuildFirst(data, wrong);
    const index = journalled(vault, file);
    await index.catchUp().catch((error: unknown) => {
      throw error instanceof InfrastructureError && !error.retryable ? rebuildFirst(data, error.message, error) : error;
    });
    return { file, index };
  } catch (error) {
    file.close();
    throw error;
  }
}

function open(data: string, path: string): SqliteIndex {
  try {
    return new SqliteIndex(path, { sync: 'journal' });
  } catch (error) {
    throw rebuildFirst(data, error instanceof Error ? error.message : String(error), error);
  }
}

/** Rows from before there was a journal cannot be made again, so nothing is added to them as if they could. */
async function refuseWithoutJournal(file: SqliteIndex, path: string): Promise<void> {
  if ((await journalEnd(file)).n > 0 || (await file.get(keys.start)) === undefined) return;
  throw new InfrastructureError(`${path} was made before the vault kept its journal; this version cannot go on from it`, {
    retryable: false,
  });
}

async function holdsSomething(vault: Vault): Promise<boolean> {
  for (const folder of ['journal/', 'events/', 'records/']) for await (const _ of vault.list(folder)) return true;
  return false;
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** What was renamed in this folder stays so after a crash. */
export async function synced(path: string): Promise<void> {
  const file = await openFile(path, constants.O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
