// Two orders of rows held against each other: the index as it is, and as the journal in the vault makes it.

import { sameJson } from '../domain/canonical.ts';
import type { Row } from '../ports.ts';
import { type AuditFault, rowName } from './audit.ts';

export function compareRows(found: Iterable<Row>, right: Iterable<Row>): AuditFault[] {
  const there = new Map([...found].map((row) => [rowName(row.key), row]));
  const faults: AuditFault[] = [];
  for (const row of right) {
    const name = rowName(row.key);
    const own = there.get(name);
    there.delete(name);
    if (own === undefined) faults.push(differs(name, 'is missing; the journal has it'));
    else if (own.revision !== row.revision || !sameJson(own.body, row.body))
      faults.push(differs(name, 'is not what the journal says'));
  }
  return [...faults, ...[...there.keys()].map((name) => differs(name, 'is in no entry of the journal'))];
}

const differs = (name: string, detail: string): AuditFault => ({ kind: 'rowDiffers', name, detail });
