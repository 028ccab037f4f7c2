// A proof for one event, made from what the log has published. Shared by gate, pages and export; it writes nothing, and
// whoever gets it checks it: the rows only say where to look.
import type { EventHash } from './domain/digest.ts';
import { statedSeconds, withCosignatures } from './domain/log/checkpoint.ts';
import { fromBase64 } from './domain/log/note.ts';
import { proofText } from './domain/log/proof.ts';
import { inclusionPath } from './domain/log/prove.ts';
import { CosignedRow, keys, LeafRow, LogPublishedRow } from './domain/rows.ts';
import type { Instant } from './domain/text.ts';
import { checkpointKey, cosignatureKey } from './domain/vault-keys.ts';
import type { Index, Vault } from './ports.ts';

type Store = { readonly vault: Pick<Vault, 'get' | 'list'>; readonly index: Pick<Index, 'get' | 'list'> };

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * Undefined while the log has not published a tree with this event in it. `before`: for an event of a stolen key, a tree that
 * witnesses had seen by then, if there is one.
 */
export async function proofOf(store: Store, event: EventHash, before?: Instant): Promise<string | undefined> {
  const leaf = await store.index.get(keys.leaf(event));
  if (leaf === undefined) return undefined;
  const { index } = LeafRow.parse(leaf.body);
  const old = before === undefined ? undefined : await checkpointBefore(store, before, index);
  const best = old ?? (await checkpointOver(store, index));
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

/** The one that most witnesses had seen by then, the first of several: of all trees it is the one whose time proves most. */
async function checkpointBefore(
  { vault }: Pick<Store, 'vault'>,
  before: Instant,
  entry: number,
): Promise<Published | undefined> {
  const sizes = new Map<number, string[]>();
  for await (const key of vault.list(COSIGNATURES)) {
    const size = Number(key.slice(COSIGNATURES.length).split('/')[0]);
    const line = size > entry ? await vault.get(key) : undefined;
    if (line !== undefined && secondsIn(decode(line)) * 1000 < Date.parse(before))
      sizes.set(size, [...(sizes.get(size) ?? []), decode(line)]);
  }
  let best: Published | undefined;
  for (const [size, lines] of [...sizes].sort(([a], [b]) => a - b)) {
    const checkpoint = await vault.get(checkpointKey(size));
    if (checkpoint === undefined || (best !== undefined && best.cosignatures >= lines.length)) continue;
    best = { size, text: withCosignatures(decode(checkpoint), lines), cosignatures: lines.length };
  }
  return best;
}

const COSIGNATURES = 'log/cosignatures/';

/** Nobody is believed here: whoever gets the proof checks what the witness signed. */
function secondsIn(line: string): number {
  const stamped = fromBase64(line.trimEnd().split(' ').at(-1) ?? '');
  return stamped === undefined || stamped.byteLength < 12 ? Number.POSITIVE_INFINITY : statedSeconds(stamped.subarray(4));
}
