// The committed tree out of the vault, every hash of it computed again.
import type { Digest } from '../domain/digest.ts';
import { type Grown, grow } from '../domain/log/grow.ts';
import { EMPTY_ROOT } from '../domain/log/merkle.ts';
import { type Edge, readEdge, rootOfEdge } from '../domain/log/prove.ts';
import { bundleKey, edgeOf, parseBundle } from '../domain/log/tile.ts';
import type { Vault } from '../ports.ts';
import { digestOfHash, halt } from './log.ts';

export type Tree = {
  readonly size: number;
  readonly root: Digest;
  readonly edge: Edge;
  readonly bundle: readonly Uint8Array[];
};

export const EMPTY_TREE: Tree = { size: 0, root: digestOfHash(EMPTY_ROOT), edge: [], bundle: [] };

/** Reads what a tree grows from; whoever asks compares the root. */
export async function readTree(vault: Pick<Vault, 'get'>, size: number): Promise<Tree> {
  if (size === 0) return EMPTY_TREE;
  const read = (key: string) => vault.get(key);
  const edge = await readEdge(read, size);
  const [last] = edgeOf(size);
  if (last?.level !== 0) return { size, root: digestOfHash(rootOfEdge(edge)), edge, bundle: [] };
  const bytes = await read(bundleKey(last));
  const bundle = bytes === undefined ? undefined : parseBundle(bytes, last.width);
  if (!bundle?.ok) return halt(`${bundleKey(last)} is lost or does not read`);
  return { size, root: digestOfHash(rootOfEdge(edge)), edge, bundle: bundle.value };
}

export const grown = (tree: Tree, entries: readonly Uint8Array[]): Grown => grow(tree.size, tree.edge, tree.bundle, entries);
