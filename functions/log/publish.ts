// From the committed head to tiles and a signed checkpoint. The one way there: the normal path and the recovery after a crash
// are this function, and doing it twice writes the same bytes (order of FiloSottile/sunlight's ctlog: stage, commit, publish).

import { hexOf } from '../domain/digest.ts';
import { type Checkpoint, checkpointSignedBy, checkpointText, parseCheckpoint, signedByLog } from '../domain/log/checkpoint.ts';
import { type NoteKey, noteKeyOf, SIGNATURE_TYPES } from '../domain/log/note.ts';
import { keys, type LogHeadRow } from '../domain/rows.ts';
import { checkpointKey } from '../domain/vault-keys.ts';
import { readJsonBlob } from '../store.ts';
import { digestOfHash, halt, type LogIdentity, type LogWorld, readPublished, StagedEntries } from './log.ts';
import { grown, readTree } from './tree.ts';

export const logKeyOf = ({ origin, signer }: LogIdentity): NoteKey => noteKeyOf(origin, SIGNATURE_TYPES.note, signer.spki);

export async function publish(world: LogWorld, head: LogHeadRow): Promise<void> {
  const before = await readPublished(world.index);
  if (before !== undefined && before.size >= head.size) return;
  await writeTiles(world, head);
  await writeCheckpoint(world, head);
  const body = { size: head.size, root: head.root };
  const expected = before?.revision ?? 'absent';
  // A conflict means that another turn published it, or a later one.
  await world.index.commit([{ kind: 'register', key: keys.logPublished, body, expected }]);
}

async function writeTiles({ vault }: LogWorld, head: LogHeadRow): Promise<void> {
  const staged = await readJsonBlob(vault, head.entries, StagedEntries);
  const tree = grown(
    await readTree(vault, head.from),
    staged.entries.map((entry) => Buffer.from(entry, 'base64')),
  );
  if (tree.size !== head.size || digestOfHash(tree.root) !== head.root)
    halt(`what was staged does not give the committed tree of ${head.size}`);
  for (const [key, bytes] of tree.objects) {
    const put = await vault.putOnce(key, bytes);
    if (put.kind === 'already' && Buffer.compare(put.bytes, bytes) !== 0) halt(`${key} holds other bytes: a fork`);
  }
}

/** Signed only now: the head is committed and cannot be lost to a race, so no two checkpoints of ours can disagree. */
async function writeCheckpoint({ vault, tlog }: LogWorld, { size, root }: LogHeadRow): Promise<void> {
  const text = checkpointText(tlog.origin, { size, root: Buffer.from(hexOf(root), 'hex') });
  const bytes = new TextEncoder().encode(text);
  const lines = [tlog.signer, ...(tlog.outgoing ?? [])].map(async (signer) => ({
    key: logKeyOf({ origin: tlog.origin, signer }),
    signature: await signer.sign(bytes),
  }));
  const signed = checkpointSignedBy(text, await Promise.all(lines));
  const put = await vault.putOnce(checkpointKey(size), new TextEncoder().encode(signed));
  if (put.kind === 'stored') return;
  const there = parseCheckpoint(new TextDecoder().decode(put.bytes));
  if (!there.ok || there.value.note.text !== text || !isOfThisLog(there.value, tlog))
    halt(`${checkpointKey(size)} is not this log's checkpoint of that size: a fork`);
}

/** A crash may lie between the checkpoint and a change of keys: one that an earlier key of this log signed is as good. */
function isOfThisLog(checkpoint: Checkpoint, { origin, signer, outgoing = [], former = [] }: LogIdentity): boolean {
  const known = [signer.spki, ...outgoing.map(({ spki }) => spki), ...former];
  const signed = known.map((spki) => signedByLog(checkpoint, noteKeyOf(origin, SIGNATURE_TYPES.note, spki)));
  return signed.includes(true) && !signed.includes(false);
}
