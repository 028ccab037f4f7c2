import { systemClock } from '../../functions/adapters/local/clock.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { type AuditFault, auditSealed, healsItself } from '../../functions/audit.ts';
import { auditLog } from '../../functions/audit-log.ts';
import { compareRows } from '../../functions/audit-rows.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { journalEnd, replayJournal } from '../../functions/journal.ts';
import type { Vault } from '../../functions/ports.ts';
import { openVault, paths, readConfig, UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, paint, say, table } from '../output.ts';
import { lookAtOwnKeys } from '../own-keys.ts';
import { exists } from '../stored-index.ts';

export type AuditFlags = { readonly data: string; readonly json?: true };

/** Vault, index and log as they are. It writes nothing, and a server may run meanwhile. */
export async function audit({ data, json: asJson }: AuditFlags): Promise<Exit> {
  await readConfig(data);
  const at = paths(data);
  for (const file of [at.index, at.signer]) if (!(await exists(file))) throw new UsageError(`${file} is missing`);
  const vault = openVault(data);
  const index = new SqliteIndex(at.index);
  try {
    const damage = index.fault();
    if (damage !== undefined) throw new InfrastructureError(`${at.index} is damaged: ${damage}`, { retryable: false });
    const rows = [...index.rows()];
    const { signer } = await lookAtOwnKeys(data, { vault, index, clock: systemClock() });
    const world = { vault, index, signer };
    const byJournal = await againstJournal(vault, index, rows);
    const sealed = await auditSealed(world, rows);
    const log = await auditLog(world, rows);
    const faults = [...byJournal, ...sealed.faults, ...log.faults];
    const serious = faults.filter((fault) => !healsItself(fault));
    if (asJson) json({ well: serious.length === 0, rows: rows.length, sealed: sealed.sealed, entries: log.entries, faults });
    else {
      say(`${rows.length} rows, ${sealed.sealed} events and records, ${log.entries} entries of the log`);
      if (faults.length > 0) say(table(['class', 'what', 'found'], faults.map(row)));
      say(serious.length === 0 ? 'vault, index and log agree' : `${serious.length} do not heal by themselves`);
    }
    return serious.length === 0 ? EXIT.yes : EXIT.no;
  } finally {
    index.close();
  }
}

const row = (fault: AuditFault): string[] => [
  healsItself(fault) ? `${fault.kind} (heals)` : paint('red', fault.kind),
  fault.name,
  fault.detail,
];

/** The rows as the journal makes them, up to where these say that they follow it: a running server writes on meanwhile. */
async function againstJournal(
  vault: Vault,
  index: SqliteIndex,
  rows: Parameters<typeof compareRows>[0],
): Promise<AuditFault[]> {
  const again = new SqliteIndex(':memory:', { sync: 'none' });
  try {
    await replayJournal(vault, again, () => undefined, (await journalEnd(index)).n);
    return compareRows(rows, again.rows());
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return [{ kind: 'hashMismatch', name: 'journal', detail: error.message }];
  } finally {
    again.close();
  }
}
