// What kind each sealed event is, as the log has it: 256 in one object. For who looks for one kind among all that was ever sealed
// and believes neither a row nor an unsigned file: the entries must give the root of a checkpoint that this log signed.
import type { EventHash } from './domain/digest.ts';
import { type Checkpoint, parseCheckpoint, signedByLog } from './domain/log/checkpoint.ts';
import { Leaf } from './domain/log/leaf.ts';
import { leafHash, rootOf } from './domain/log/merkle.ts';
import { noteKeyOf, SIGNATURE_TYPES } from './domain/log/note.ts';
import { bundleKey, parseBundle, TILE_WIDTH } from './domain/log/tile.ts';
import { parseBytes } from './domain/parse.ts';
import { keys, LogPublishedRow } from './domain/rows.ts';
import { checkpointKey } from './domain/vault-keys.ts';
import type { Index, Signer, Vault } from './ports.ts';

type Spki = Pick<Signer, 'spki'>;
/** The log's name and every key that ever signed for it. */
export type LogKeys = {
  readonly origin: string;
  readonly signer: Spki;
  readonly outgoing?: readonly Spki[];
  readonly former?: readonly string[];
};

type Reader = { readonly vault: Pick<Vault, 'get'>; readonly index: Pick<Index, 'get'>; readonly tlog: LogKeys };

/** Objects that are read at once. */
const AT_ONCE = 16;

const NOTHING: ReadonlyMap<EventHash, string> = new Map();

/** Empty where the log cannot be believed or has nothing yet: then whoever asks must look at each event itself. */
export async function loggedKinds({ vault, index, tlog }: Reader): Promise<ReadonlyMap<EventHash, string>> {
  // The row is only a hint where to look.
  const row = await index.get(keys.logPublished);
  const size = row === undefined ? 0 : LogPublishedRow.parse(row.body).size;
  const bytes = size === 0 ? undefined : await vault.get(checkpointKey(size));
  const checkpoint = bytes === undefined ? undefined : parseCheckpoint(new TextDecoder().decode(bytes));
  if (!checkpoint?.ok || checkpoint.value.size !== size || !isOurs(checkpoint.value, tlog)) return NOTHING;
  const entries = await entriesOf(vault, size);
  const root = entries && rootOf(entries.map(leafHash));
  if (entries === undefined || root === undefined || Buffer.compare(root, checkpoint.value.root) !== 0) return NOTHING;
  const kinds = new Map<EventHash, string>();
  for (const entry of entries) {
    const leaf = parseBytes(Leaf, entry);
    if (leaf.ok) kinds.set(leaf.value.eventHash, leaf.value.kind);
  }
  return kinds;
}

function isOurs(checkpoint: Checkpoint, { origin, signer, outgoing = [], former = [] }: LogKeys): boolean {
  const spkis = [signer.spki, ...outgoing.map(({ spki }) => spki), ...former];
  return spkis.some((spki) => signedByLog(checkpoint, noteKeyOf(origin, SIGNATURE_TYPES.note, spki)) === true);
}

async function entriesOf(vault: Reader['vault'], size: number): Promise<Uint8Array[] | undefined> {
  const entries: Uint8Array[] = [];
  const count = Math.ceil(size / TILE_WIDTH);
  for (let from = 0; from < count; from += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => from + i);
    for (const bundle of await Promise.all(indexes.map((index) => bundleOf(vault, index, size)))) {
      if (bundle === undefined) return undefined;
      entries.push(...bundle);
    }
  }
  return entries;
}

async function bundleOf(vault: Reader['vault'], index: number, size: number): Promise<readonly Uint8Array[] | undefined> {
  const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
  const bytes = await vault.get(bundleKey({ index, width }));
  const bundle = bytes === undefined ? undefined : parseBundle(bytes, width);
  return bundle?.ok ? bundle.value : undefined;
}
