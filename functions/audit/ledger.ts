// The ledger of every line, and what its head says runs there: is the chain whole, and may that version run at all?

import { Head, keys } from '../domain/rows.ts';
import type { Instant } from '../domain/text.ts';
import { ledgerOf } from '../ledger.ts';
import type { Row, World } from '../ports.ts';
import type { AuditFault } from './audit.ts';
import { rowName } from './audit.ts';

type Reader = Pick<World, 'vault' | 'index' | 'signer'>;

/** Every (line, environment) that ever had a head. */
export function placesIn(rows: Iterable<Row>): { line: string; environment: string; row: Row }[] {
  return [...rows].flatMap((row) => {
    const [head, line, environment] = row.key.pk.split('#');
    const own = head === 'HEAD' && row.key.sk === 'head' && line !== undefined && environment !== undefined;
    return own ? [{ line, environment, row }] : [];
  });
}

export async function auditLedgers(world: Reader, rows: Iterable<Row>, now: Instant): Promise<AuditFault[]> {
  const faults: AuditFault[] = [];
  for (const { line, environment, row } of placesIn(rows)) {
    const name = rowName(row.key);
    const { broken } = await ledgerOf(world, { line, environment }, now);
    if (broken !== null) faults.push({ kind: 'ledgerBroken', name, detail: broken });
    const { incumbent } = Head.parse(row.body);
    if (incumbent === null) continue;
    if (await world.index.get(keys.revoked(incumbent)))
      faults.push({ kind: 'revokedActive', name, detail: `${incumbent} is active, and its approval was taken back` });
    if (await world.index.get(keys.archived(incumbent)))
      faults.push({ kind: 'revokedActive', name, detail: `${incumbent} is active, and it was ended` });
  }
  return faults;
}
