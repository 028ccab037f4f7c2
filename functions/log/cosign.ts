// Asks witnesses to cosign what was published (client side of c2sp.org/tlog-witness). A witness that does not answer holds
// nothing up here: what a missing cosignature means is the gate's to say.
import { sha256Hex } from '../domain/crypto.ts';
import { cosignedBy, parseCheckpoint, parseSize, withCosignatures } from '../domain/log/checkpoint.ts';
import { type NoteKey, vkeyOf } from '../domain/log/note.ts';
import { hashLine } from '../domain/log/proof.ts';
import { consistencyPath } from '../domain/log/prove.ts';
import { CosignedRow, keys } from '../domain/rows.ts';
import { checkpointKey, cosignatureKey } from '../domain/vault-keys.ts';
import { type LogWorld, readPublished } from './log.ts';

type Answer = { readonly status: number; readonly body: string };

/** `ask`: one POST of add-checkpoint; it throws when there is no answer. */
export type Witness = { readonly key: NoteKey; readonly ask: (body: string) => Promise<Answer> };

/** What went wrong with a witness, for whoever watches. `fork`: it has seen another tree than ours, and somebody must look. */
export type Trouble = { readonly witness: string; readonly kind: 'unreachable' | 'refused' | 'fork'; readonly detail: string };

type CosignWorld = Pick<LogWorld, 'vault' | 'index'>;

export async function cosign(world: CosignWorld, witnesses: readonly Witness[]): Promise<Trouble[]> {
  const published = await readPublished(world.index);
  if (published === undefined) return [];
  const asked = await Promise.all(witnesses.map((witness) => askOne(world, witness, published.size)));
  return asked.filter((trouble) => trouble !== undefined);
}

const witnessId = (key: NoteKey): string => sha256Hex(vkeyOf(key));

async function askOne(world: CosignWorld, witness: Witness, size: number): Promise<Trouble | undefined> {
  const { name } = witness.key;
  const row = await world.index.get(keys.cosigned(witnessId(witness.key)));
  const last = row === undefined ? 0 : CosignedRow.parse(row.body).size;
  if (last >= size) return undefined;
  try {
    const first = await submit(world, witness, last, size);
    // It remembers another size, perhaps because its answer was lost on the way: once more from there.
    const theirs = first.status === 409 ? parseSize(first.body.trimEnd()) : undefined;
    if (theirs !== undefined && (theirs > size || theirs === last))
      return { witness: name, kind: 'fork', detail: `it has cosigned a tree of ${theirs} that is not ours of ${size}` };
    const answer = theirs === undefined ? first : await submit(world, witness, theirs, size);
    if (answer.status === 200) return keep(world, witness, size, answer.body);
    const kind = answer.status === 422 || answer.status === 409 ? 'fork' : 'refused';
    return { witness: name, kind, detail: `it answered ${answer.status}` };
  } catch (error) {
    return { witness: name, kind: 'unreachable', detail: error instanceof Error ? error.message : String(error) };
  }
}

async function submit({ vault }: CosignWorld, { ask }: Witness, from: number, size: number): Promise<Answer> {
  const checkpoint = await checkpointAt(vault, size);
  const path = await consistencyPath((key) => vault.get(key), from, size);
  return ask(`old ${from}\n${path.map(hashLine).join('')}\n${checkpoint}`);
}

async function checkpointAt(vault: CosignWorld['vault'], size: number): Promise<string> {
  const bytes = await vault.get(checkpointKey(size));
  if (bytes === undefined) throw new Error(`the vault has lost ${checkpointKey(size)}`);
  return new TextDecoder().decode(bytes);
}

/** Only this witness's own line is kept, and only when it verifies. The object comes first, then the row that points at it. */
async function keep(world: CosignWorld, { key }: Witness, size: number, lines: string): Promise<Trouble | undefined> {
  const own = lines.split('\n').find((line) => line.startsWith(`— ${key.name} `));
  const note =
    own === undefined ? undefined : parseCheckpoint(withCosignatures(await checkpointAt(world.vault, size), [`${own}\n`]));
  if (!note?.ok || cosignedBy(note.value, key) !== true)
    return { witness: key.name, kind: 'refused', detail: 'its answer is no cosignature of this checkpoint' };
  const id = witnessId(key);
  await world.vault.putOnce(cosignatureKey(size, id), new TextEncoder().encode(`${own}\n`));
  const row = await world.index.get(keys.cosigned(id));
  if (row !== undefined && CosignedRow.parse(row.body).size >= size) return undefined;
  await world.index.commit([{ kind: 'register', key: keys.cosigned(id), body: { size }, expected: row?.revision ?? 'absent' }]);
  return undefined;
}
