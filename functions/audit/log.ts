// The log against the index and the vault: every published entry is a sealed event, every event's leaf is the entry it names.

import { InfrastructureError } from '../domain/errors.ts';
import { Leaf, leafBytes, leafOf } from '../domain/log/leaf.ts';
import { bundleKey, parseBundle, TILE_WIDTH } from '../domain/log/tile.ts';
import { EventRow, keys, LeafRow } from '../domain/rows.ts';
import { readPublished } from '../log/log.ts';
import { readTree } from '../log/tree.ts';
import type { Row } from '../ports.ts';
import { type AuditFault, type AuditWorld, rowName } from './audit.ts';

export async function auditLog(world: AuditWorld, rows: Iterable<Row>): Promise<{ faults: AuditFault[]; entries: number }> {
  const published = await readPublished(world.index);
  const size = published?.size ?? 0;
  const faults = await faultsOfTree(world, published);
  const entries: Uint8Array[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const key = bundleKey({ index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) });
    const found = await bundleAt(world, key, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
    if (found === undefined) return { faults: [...faults, lost(key)], entries: entries.length };
    entries.push(...found);
  }
  for (const [i, entry] of entries.entries()) faults.push(...(await faultsOfEntry(world, i, entry)));
  for (const row of rows) if (row.key.sk === 'leaf') faults.push(...(await faultsOfLeaf(world, row, entries)));
  return { faults, entries: entries.length };
}

const lost = (name: string): AuditFault => ({
  kind: 'leafDiffers',
  name,
  detail: 'a file of the log is lost or does not read',
});

async function faultsOfTree(
  { vault }: AuditWorld,
  published: { size: number; root: string } | undefined,
): Promise<AuditFault[]> {
  if (published === undefined) return [];
  try {
    const { root } = await readTree(vault, published.size);
    if (root === published.root) return [];
    const detail = `the tiles of ${published.size} give ${root}, the index says ${published.root}`;
    return [{ kind: 'leafDiffers', name: rowName(keys.logPublished), detail }];
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return [{ kind: 'leafDiffers', name: rowName(keys.logPublished), detail: error.message }];
  }
}

async function bundleAt({ vault }: AuditWorld, key: string, width: number): Promise<Uint8Array[] | undefined> {
  const bytes = await vault.get(key);
  const bundle = bytes === undefined ? undefined : parseBundle(bytes, width);
  return bundle?.ok ? bundle.value : undefined;
}

async function faultsOfEntry({ vault, index }: AuditWorld, at: number, entry: Uint8Array): Promise<AuditFault[]> {
  const name = `entry ${at} of the log`;
  const leaf = Leaf.safeParse(jsonOf(entry));
  if (!leaf.success) return [{ kind: 'leafDiffers', name, detail: 'it is no leaf' }];
  const row = await index.get(keys.event(leaf.data.eventHash));
  if (row === undefined) return [{ kind: 'leafWithoutEvent', name, detail: `no event ${leaf.data.eventHash} is indexed` }];
  const { key } = EventRow.parse(row.body);
  const envelope = await vault.get(key);
  const made = envelope === undefined ? undefined : leafOf(envelope);
  if (made?.ok && Buffer.compare(leafBytes(made.value), entry) === 0) return [];
  return [{ kind: 'leafDiffers', name, detail: `${key} gives another leaf` }];
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Beyond the published size an entry is committed and not published yet; the next append does it. */
async function faultsOfLeaf({ index }: AuditWorld, row: Row, entries: readonly Uint8Array[]): Promise<AuditFault[]> {
  const at = LeafRow.parse(row.body).index;
  const entry = entries[at];
  const hash = row.key.pk.slice('EVENT#'.length);
  if (entry === undefined) {
    const committed = (await index.get(keys.logTree)) !== undefined;
    return [{ kind: committed ? 'unlogged' : 'leafDiffers', name: hash, detail: `its entry ${at} is not published` }];
  }
  const same = Leaf.safeParse(jsonOf(entry)).data?.eventHash === hash;
  return same ? [] : [{ kind: 'leafDiffers', name: rowName(row.key), detail: `entry ${at} of the log is another event` }];
}
