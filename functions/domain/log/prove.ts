// Proofs out of tiles, for a tree of a given size. Only reads: whoever has the folder can make every proof, without the log.
import { InfrastructureError } from '../errors.ts';
import { invariant } from '../result.ts';
import type { Read } from '../vault-keys.ts';
import { consistencyRanges, type Hash, inclusionRanges, nodeHash, type Range, rootOf, splitOf } from './merkle.ts';
import { edgeOf, parseTile, TILE_WIDTH, type Tile, tileKey, tileWith } from './tile.ts';

async function readTile(read: Read, tile: Tile): Promise<Hash[]> {
  const key = tileKey(tile);
  const bytes = await read(key);
  const parsed = bytes === undefined ? undefined : parseTile(bytes, tile.width);
  if (parsed?.ok) return parsed.value;
  const what = bytes === undefined ? 'the vault has lost' : 'the vault holds something else under';
  throw new InfrastructureError(`${what} ${key}`, { retryable: bytes === undefined });
}

/** Hashes at the right edge, level by level: what a tree of this size grows from. */
export type Edge = readonly (readonly Hash[])[];

export async function readEdge(read: Read, size: number): Promise<Edge> {
  const edge: Hash[][] = [];
  for (const tile of edgeOf(size)) {
    while (edge.length < tile.level) edge.push([]);
    edge[tile.level] = await readTile(read, tile);
  }
  return edge;
}

/** The root that follows from an edge: each level's hashes are complete subtrees, and what lies below is their last part. */
export function rootOfEdge(edge: Edge): Hash {
  let below: Hash | undefined;
  for (const level of edge) {
    const all = below === undefined ? level : [...level, below];
    if (all.length > 0) below = rootOf(all);
  }
  return below ?? rootOf([]);
}

export const inclusionPath = (read: Read, index: number, size: number): Promise<Hash[]> =>
  hashesOf(read, inclusionRanges(index, size), size);

export const consistencyPath = (read: Read, older: number, newer: number): Promise<Hash[]> =>
  hashesOf(read, consistencyRanges(older, newer), newer);

async function hashesOf(read: Read, ranges: readonly Range[], size: number): Promise<Hash[]> {
  const known = new Map<string, Promise<Hash[]>>();
  const tile = (wanted: Tile) => {
    const key = tileKey(wanted);
    const found = known.get(key) ?? readTile(read, wanted);
    known.set(key, found);
    return found;
  };
  const rangeHash = async ([lo, hi]: Range): Promise<Hash> => {
    const leaves = hi - lo;
    const height = Math.round(Math.log2(leaves));
    if (2 ** height === leaves && lo % leaves === 0) return subtree(tile, lo, height, size);
    const middle = lo + splitOf(leaves);
    return nodeHash(await rangeHash([lo, middle]), await rangeHash([middle, hi]));
  };
  const hashes: Hash[] = [];
  for (const range of ranges) hashes.push(await rangeHash(range));
  return hashes;
}

/** A complete subtree of 2^height leaves from `lo` on lies within one tile. */
async function subtree(tile: (wanted: Tile) => Promise<Hash[]>, lo: number, height: number, size: number): Promise<Hash> {
  const level = Math.floor(height / 8);
  const count = 2 ** (height % 8);
  const at = lo / TILE_WIDTH ** level;
  const wanted = tileWith(level, at, size);
  invariant(wanted !== undefined, 'a part of a tree has its tile');
  const from = at - wanted.index * TILE_WIDTH;
  return rootOf((await tile(wanted)).slice(from, from + count));
}
