// The fourth side: what a model registry says runs, against what was sealed (R21). A flipped status there approves nothing, and
// nothing here is ever put right by it.

import { readPromotion } from '../baseline.ts';
import { isAbsent } from '../domain/event/statement.ts';
import { Head } from '../domain/rows.ts';
import type { Production, Row, Vault } from '../ports.ts';
import type { AuditFault } from './audit.ts';
import { placesIn } from './ledger.ts';

type Place = { readonly line: string; readonly environment: string };

const nameOf = ({ line, environment }: Place): string => `${line}/${environment}`;

export async function auditRegistry(
  vault: Pick<Vault, 'get'>,
  rows: Iterable<Row>,
  registry: Production,
): Promise<AuditFault[]> {
  const heads = new Map<string, { root: string; version: string } | null>();
  for (const { line, environment, row } of placesIn(rows)) {
    const { incumbent } = Head.parse(row.body);
    const model = incumbent === null ? undefined : (await readPromotion(vault, incumbent)).promotion.model;
    const known = model === undefined || isAbsent(model) ? null : { root: model.root, version: model.version };
    heads.set(nameOf({ line, environment }), known);
  }
  const faults: AuditFault[] = [];
  const differs = (name: string, detail: string) => faults.push({ kind: 'registryDiffers', name, detail });
  const said = new Set<string>();
  for (const alias of await registry.aliases()) {
    const name = nameOf(alias);
    said.add(name);
    const head = heads.get(name) ?? null;
    if (head === null) differs(name, `the registry runs ${alias.root}; nothing is sealed as active there`);
    else if (head.root !== alias.root)
      differs(name, `the registry runs ${alias.root}; sealed as active is version ${head.version}, ${head.root}`);
  }
  for (const [name, head] of heads)
    if (head !== null && !said.has(name))
      differs(name, `the registry runs nothing; sealed as active is version ${head.version}`);
  return faults;
}
