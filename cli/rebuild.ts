// A new index from the vault alone. It is built beside the old one and takes its name at the end, so until then nothing changed.
import { randomUUID } from 'node:crypto';
import { chmod, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqliteIndex } from '../functions/adapters/local/sqlite-index.ts';
import { type AuditFault, auditSealed, healsItself } from '../functions/audit/audit.ts';
import { InfrastructureError } from '../functions/domain/errors.ts';
import { replayJournal } from '../functions/journal.ts';
import type { Index, Signer, Vault } from '../functions/ports.ts';
import { exists, synced } from './stored-index.ts';

export type Rebuilt = {
  readonly entries: number;
  readonly sealed: number;
  readonly open: number;
  /** What the sweep finishes at the next start. */
  readonly unfinished: readonly AuditFault[];
  /** Where the old index went; null when there was none. */
  readonly replaced: string | null;
};

type Given = {
  readonly path: string;
  readonly vault: Vault;
  /** Asked when the rows are there: the list of keys is read from them. */
  readonly signer: (index: Index) => Promise<Signer>;
  readonly progress: (done: number, what: 'entries' | 'events') => void;
};

export async function rebuildIndex({ path, vault, signer, progress }: Given): Promise<Rebuilt> {
  const building = `${path}.building`;
  // What an interrupted rebuild left.
  for (const ending of ENDINGS) await rm(building + ending, { force: true });
  const rows = new SqliteIndex(building, { sync: 'none' });
  let counted: Omit<Rebuilt, 'replaced'>;
  try {
    await chmod(building, 0o600);
    const entries = await replayJournal(vault, rows, (n) => progress(n, 'entries'));
    const { faults, sealed } = await auditSealed({ vault, index: rows, signer: await signer(rows) }, rows.rows(), (n) =>
      progress(n, 'events'),
    );
    const wrong = faults.filter((fault) => !healsItself(fault));
    if (entries === 0) throw refused('the vault holds no journal, so there is nothing to build an index from');
    if (wrong.length > 0) throw refused(wrong.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`).join('; '));
    counted = { entries, sealed, open: (await rows.list('OPEN')).length, unfinished: faults };
  } catch (error) {
    rows.close();
    for (const ending of ENDINGS) await rm(building + ending, { force: true });
    throw error;
  }
  rows.finish();
  await synced(building);
  return { ...counted, replaced: await takeName(building, path) };
}

const refused = (why: string): InfrastructureError =>
  new InfrastructureError(`no index was built and the old one is untouched: ${why}`, { retryable: false });

const ENDINGS = ['', '-wal', '-shm'];

/** The old files keep their bytes under another name. A crash in here leaves no index at all, and `serve` says to run this again. */
async function takeName(building: string, path: string): Promise<string | null> {
  const aside = `${path}.replaced-${randomUUID().slice(0, 8)}`;
  const had = await exists(path);
  for (const ending of ENDINGS) if (await exists(path + ending)) await rename(path + ending, aside + ending);
  await rename(building, path);
  await synced(dirname(path));
  return had ? aside : null;
}
