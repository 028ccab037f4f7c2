// The sequencer (W15). Many may run at once: the head moves by compare-and-swap, in one transaction with the row of each leaf,
// so an event is in the tree once and no two trees of one size are ever committed.
import { hexOf } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { type Leaf, leafBytes, leafOf } from '../domain/log/leaf.ts';
import { EventRow, keys, type LogHeadRow } from '../domain/rows.ts';
import type { Row, Write } from '../ports.ts';
import { storeJson } from '../store.ts';
import { digestOfHash, halt, type LogWorld, readLogHead } from './log.ts';
import { publish } from './publish.ts';
import { EMPTY_TREE, grown, readTree, type Tree } from './tree.ts';

/** One transaction holds two rows for each leaf and the head; 100 rows are what the strictest index takes. */
const MAX_BATCH = 40;
/** Each lost race means that another sequencer got on; after so many this one leaves the rest to it. */
const MAX_TURNS = 64;

/** Takes every sealed event that the log lacks into it and publishes the tree. Safe at any time and any number of times. */
export async function appendToLog(world: LogWorld): Promise<void> {
  if (world.sequencer !== undefined) return world.sequencer.append();
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const head = await readLogHead(world.index);
    // What an earlier turn committed is finished first: the next tree grows from published tiles only.
    if (head !== undefined) await publish(world, head.row);
    const listed = (await world.index.list('UNLOGGED')).slice(0, MAX_BATCH);
    if (listed.length === 0) return;
    const waiting = await stillWaiting(world, listed);
    if (waiting.length > 0) await commitLeaves(world, head, waiting);
  }
  throw new InfrastructureError('the log does not come to rest', { retryable: true });
}

/**
 * Who looks through the vault at its start (recover.ts) may note an event as missing just after another took it into the log. Its
 * leaf is a fact, so the note alone goes: left standing, it would let every later append conflict, for ever.
 */
async function stillWaiting({ index }: LogWorld, listed: readonly Row[]): Promise<Row[]> {
  const waiting: Row[] = [];
  for (const row of listed) {
    const logged = await index.get(keys.leaf(`sha256:${row.key.sk}` as Leaf['eventHash']));
    if (logged === undefined) waiting.push(row);
    else await index.commit([{ kind: 'clear', key: row.key, expected: row.revision }]);
  }
  return waiting;
}

async function commitLeaves(
  world: LogWorld,
  head: { row: LogHeadRow; revision: number } | undefined,
  waiting: readonly Row[],
): Promise<void> {
  const tree = await committedTree(world, head?.row);
  const leaves: { leaf: Leaf; row: Row }[] = [];
  for (const row of waiting) leaves.push({ leaf: await readLeaf(world, row), row });
  const entries = leaves.map(({ leaf }) => leafBytes(leaf));
  const next = grown(tree, entries);
  const staged = { schema: 'log-entries/v0', entries: entries.map((entry) => Buffer.from(entry).toString('base64')) };
  const body: LogHeadRow = {
    size: next.size,
    root: digestOfHash(next.root),
    from: tree.size,
    entries: await storeJson(world.vault, staged),
  };
  const rows = leaves.flatMap(({ leaf, row }, i): Write[] => [
    { kind: 'fact', key: keys.leaf(leaf.eventHash), body: { index: tree.size + i } },
    { kind: 'clear', key: row.key, expected: row.revision },
  ]);
  // A conflict means that another sequencer got on; the next turn looks again at what is left.
  await world.index.commit([{ kind: 'register', key: keys.logTree, body, expected: head?.revision ?? 'absent' }, ...rows]);
}

/** The tree that the head names, read from its tiles: a flipped bit in the vault stops here, before anything is signed. */
async function committedTree({ vault }: LogWorld, head: LogHeadRow | undefined): Promise<Tree> {
  if (head === undefined) return EMPTY_TREE;
  const tree = await readTree(vault, head.size);
  return tree.root === head.root ? tree : halt(`the tiles of ${head.size} do not give the committed root`);
}

/** The row says only which event; what the leaf says is read from the envelope. */
async function readLeaf({ vault, index }: LogWorld, waiting: Row): Promise<Leaf> {
  const hash = `sha256:${waiting.key.sk}` as Leaf['eventHash'];
  const event = await index.get(keys.event(hash));
  const { key } = event === undefined ? halt(`${hash} waits for the log and was never sealed`) : EventRow.parse(event.body);
  const envelope = await vault.get(key);
  if (envelope === undefined) throw new InfrastructureError(`the vault has lost ${key}`, { retryable: true });
  const leaf = leafOf(envelope);
  return leaf.ok && hexOf(leaf.value.eventHash) === waiting.key.sk ? leaf.value : halt(`${key} is not the event ${hash}`);
}
