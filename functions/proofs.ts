// A proof for one event, made from what the log has published. Shared by gate, pages and export; it writes nothing, and
// whoever gets it checks it: the rows only say where to look.
import type { EventHash } from './domain/digest.ts';
import { withCosignatures } from './domain/log/checkpoint.ts';
import { proofText } from './domain/log/proof.ts';
import { inclusionPath } from './domain/log/prove.ts';
import { CosignedRow, keys, LeafRow, LogPublishedRow } from './domain/rows.ts';
import { checkpointKey, cosignatureKey } from './domain/vault-keys.ts';
import type { Index, Vault } from './ports.ts';

type Store = { readonly vault: Pick<Vault, 'get'>; readonly index: Pick<Index, 'get' | 'list'> };

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Undefined while the log has not published a tree with this event in it. */
export async function proofOf(store: Store, event: EventHash): Promise<string | undefined> {
  const leaf = await store.index.get(keys.leaf(event));
  if (leaf === undefined) return undefined;
  const { index } = LeafRow.parse(leaf.body);
  const best = await checkpointOver(store, index);
  if (best === undefined) return undefined;
  return proofText(index, await inclusionPath((key) => store.vault.get(key), index, best.size), best.text);
}

/** Only the rows' word, for showing: a gate asks for the proof. */
export async function isLogged(index: Pick<Index, 'get'>, event: EventHash): Promise<boolean> {
  const leaf = await index.get(keys.leaf(event));
  const published = await index.get(keys.logPublished);
  if (leaf === undefined || published === undefined) return false;
  return LogPublishedRow.parse(published.body).size > LeafRow.parse(leaf.body).index;
}

export type Published = { readonly size: number; readonly text: string; readonly cosignatures: number };

/** Of the published trees with this entry, the one that most witnesses have seen; the largest of several. */
export async function checkpointOver({ vault, index }: Store, entry: number): Promise<Published | undefined> {
  const row = await index.get(keys.logPublished);
  if (row === undefined) return undefined;
  const { pk, sk: prefix } = keys.cosigned('');
  const seen = (await index.list(pk, prefix)).map(({ key, body }) => ({
    witness: key.sk.slice(prefix.length),
    size: CosignedRow.parse(body).size,
  }));
  const sizes = new Set([LogPublishedRow.parse(row.body).size, ...seen.map(({ size }) => size)]);
  let best: Published | undefined;
  for (const size of [...sizes].filter((one) => one > entry).sort((a, b) => b - a)) {
    const checkpoint = await vault.get(checkpointKey(size));
    if (checkpoint === undefined) continue;
    const lines: string[] = [];
    for (const { witness } of seen) {
      const line = await vault.get(cosignatureKey(size, witness));
      if (line !== undefined) lines.push(decode(line));
    }
    if (best === undefined || lines.length > best.cosignatures)
      best = { size, text: withCosignatures(decode(checkpoint), lines), cosignatures: lines.length };
  }
  return best;
}
