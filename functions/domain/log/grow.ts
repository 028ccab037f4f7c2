// A tree and its next entries → the tree after them. Pure, so that whoever finishes an interrupted append writes the same bytes.
import { type Hash, leafHash, rootOf } from './merkle.ts';
import { type Edge, rootOfEdge } from './prove.ts';
import { bundleBytes, bundleKey, hashesAt, TILE_WIDTH, tileBytes, tileKey, tilesBetween } from './tile.ts';

export type Grown = {
  readonly size: number;
  readonly root: Hash;
  /** Tiles and bundles that are new or wider, by vault key. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
};

/** `edge` and `bundle` are the last tiles and the last bundle of the tree as it is; both empty where nothing is partial. */
export function grow(size: number, edge: Edge, bundle: readonly Uint8Array[], entries: readonly Uint8Array[]): Grown {
  const newer = size + entries.length;
  const kept = [...bundle, ...entries];
  const levels: Hash[][] = [[...(edge[0] ?? []), ...entries.map(leafHash)]];
  for (let level = 1; hashesAt(level, newer) > 0; level++)
    levels.push([...(edge[level] ?? []), ...fullTiles(levels[level - 1] ?? []).map(rootOf)]);

  const objects = new Map<string, Uint8Array>();
  for (const tile of tilesBetween(size, newer)) {
    // What is kept of a level begins where its last partial tile began.
    const from = (tile.index - Math.floor(hashesAt(tile.level, size) / TILE_WIDTH)) * TILE_WIDTH;
    objects.set(tileKey(tile), tileBytes((levels[tile.level] ?? []).slice(from, from + tile.width)));
    if (tile.level === 0) objects.set(bundleKey(tile), bundleBytes(kept.slice(from, from + tile.width)));
  }
  const after = levels.map((hashes, level) => hashes.slice(hashes.length - (hashesAt(level, newer) % TILE_WIDTH)));
  return { size: newer, root: rootOfEdge(after), objects };
}

function fullTiles(hashes: readonly Hash[]): Hash[][] {
  const tiles: Hash[][] = [];
  for (let at = 0; at + TILE_WIDTH <= hashes.length; at += TILE_WIDTH) tiles.push(hashes.slice(at, at + TILE_WIDTH));
  return tiles;
}
