import { systemClock } from '../../functions/adapters/local/clock.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { jsonRegistry } from '../../functions/adapters/registries/json-file.ts';
import { type AuditFault, auditSealed, healsItself } from '../../functions/audit/audit.ts';
import { auditLedgers } from '../../functions/audit/ledger.ts';
import { auditLog } from '../../functions/audit/log.ts';
import { auditRegistry } from '../../functions/audit/registry.ts';
import { compareRows } from '../../functions/audit/rows.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { journalKey } from '../../functions/domain/vault-keys.ts';
import { journalEnd, replayJournal } from '../../functions/journal.ts';
import type { Vault } from '../../functions/ports.ts';
import { openVault, openWarden, paths, readConfig, UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, note, paint, say, table } from '../output.ts';
import { lookAtOwnKeys } from '../own-keys.ts';
import { exists } from '../stored-index.ts';

export type AuditFlags = { readonly data: string; readonly registry?: string; readonly freeze?: true; readonly json?: true };

/**
 * Vault, index, log and, if given, a registry as they are; a server may run meanwhile. It writes nothing but, where asked to, that
 * the store is frozen: what does not heal by itself is for people to look at before anything more is decided on it.
 */
export async function audit({ data, registry, freeze, json: asJson }: AuditFlags): Promise<Exit> {
  const config = await readConfig(data);
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
    const now = systemClock().now();
    const ledgers = await auditLedgers(world, rows, now);
    const aliases = registry === undefined ? [] : await auditRegistry(vault, rows, jsonRegistry(registry));
    const faults = [...byJournal, ...sealed.faults, ...log.faults, ...ledgers, ...aliases];
    const serious = faults.filter((fault) => !healsItself(fault));
    if (asJson) json({ well: serious.length === 0, rows: rows.length, sealed: sealed.sealed, entries: log.entries, faults });
    else {
      say(`${rows.length} rows, ${sealed.sealed} events and records, ${log.entries} entries of the log`);
      if (faults.length > 0) say(table(['class', 'what', 'found'], faults.map(row)));
      say(
        serious.length === 0
          ? registry === undefined
            ? 'vault, index and log agree'
            : 'vault, index, log and registry agree'
          : `${serious.length} do not heal by themselves`,
      );
    }
    const [first] = serious;
    if (first !== undefined && freeze) {
      const reason = `audit: ${serious.length} do not heal by themselves, the first is ${first.kind} ${first.name}`;
      await openWarden(data, config).note({ kind: 'freeze', at: now, reason });
      note('FROZEN until `countersign thaw`');
    }
    return first === undefined ? EXIT.yes : EXIT.no;
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
    const { n } = await journalEnd(index);
    await replayJournal(vault, again, () => undefined, n);
    const next = journalKey(n + 1);
    // A crash between the two; or a server that runs, and wrote it while we looked.
    const ahead = (await vault.size(next)) !== undefined;
    // Whether it is one that can be followed is tried on the copy.
    const differ = compareRows(rows, again.rows());
    if (ahead) await replayJournal(vault, again, () => undefined, n + 1);
    const unindexed: AuditFault = { kind: 'unindexed', name: next, detail: 'committed, and its rows are not written yet' };
    return [...differ, ...(ahead ? [unindexed] : [])];
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return [{ kind: 'hashMismatch', name: 'journal', detail: error.message }];
  } finally {
    again.close();
  }
}
