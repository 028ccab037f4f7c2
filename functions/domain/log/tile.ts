// Where a tree's hashes and entries lie: C2SP tlog-tiles, height 8. A tile that is not full has its width in its name, so
// every object is written once and none is ever changed.
import { fail, invariant, ok, problem, type Result } from '../result.ts';
import type { Hash } from './merkle.ts';

export const TILE_WIDTH = 256;
const HASH_BYTES = 32;

/** `level` counts tiles: a hash at level l stands for 256^l leaves. `width`: how many hashes are in it, 1 to 256. */
export type Tile = { readonly level: number; readonly index: number; readonly width: number };

const spanOf = (level: number): number => TILE_WIDTH ** level;

/** How many hashes there are at a level, in a tree of this size. */
export const hashesAt = (level: number, size: number): number => Math.floor(size / spanOf(level));

/** The tile that holds hash `at` of a level in a tree of this size; undefined when the tree does not have it yet. */
export function tileWith(level: number, at: number, size: number): Tile | undefined {
  const there = hashesAt(level, size);
  if (at >= there) return undefined;
  const index = Math.floor(at / TILE_WIDTH);
  return { level, index, width: Math.min(TILE_WIDTH, there - index * TILE_WIDTH) };
}

/** What must be written when a tree grows: every tile that is new or wider. The first level's are also the entries'. */
export function tilesBetween(older: number, newer: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, newer) > 0; level++) {
    for (let at = hashesAt(level, older); at < hashesAt(level, newer); ) {
      const tile = tileWith(level, at, newer);
      invariant(tile !== undefined, 'a hash below the size has its tile');
      tiles.push(tile);
      at = tile.index * TILE_WIDTH + tile.width;
    }
  }
  return tiles;
}

/** The last, partial tile of each level: with them alone a tree can grow. */
export function edgeOf(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const width = hashesAt(level, size) % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashesAt(level, size) / TILE_WIDTH), width });
  }
  return tiles;
}

/** 1234067 is x001/x234/067: no name is ever both a file and a folder. */
function pathOf(index: number, width: number): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`${groups.length > 0 ? 'x' : ''}${String(rest % 1000).padStart(3, '0')}`);
  return `${groups.join('/')}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/** Vault keys: the paths of the specification under `log/`, so that the folder can be served as it is. */
export const tileKey = ({ level, index, width }: Tile): string => `log/tile/${level}/${pathOf(index, width)}`;
export const bundleKey = ({ index, width }: Omit<Tile, 'level'>): string => `log/tile/entries/${pathOf(index, width)}`;

export const tileBytes = (hashes: readonly Hash[]): Uint8Array => Buffer.concat(hashes);

export function parseTile(bytes: Uint8Array, width: number): Result<Hash[]> {
  if (bytes.byteLength !== width * HASH_BYTES)
    return fail(problem('LOG_INVALID', '', `a tile of ${width} has ${width * HASH_BYTES} bytes, not ${bytes.byteLength}`));
  return ok(Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
}

const MAX_ENTRY = 65_535;

/** Entries one after the other, each with its length in two bytes. */
export function bundleBytes(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => {
      invariant(entry.byteLength <= MAX_ENTRY, 'an entry has at most 65535 bytes');
      return [Uint8Array.of(entry.byteLength >> 8, entry.byteLength & 0xff), entry];
    }),
  );
}

export function parseBundle(bytes: Uint8Array, width: number): Result<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    const [high = 0, low = 0] = bytes.subarray(at, at + 2);
    const end = at + 2 + high * 256 + low;
    if (at + 2 > bytes.byteLength || end > bytes.byteLength) return fail(problem('LOG_INVALID', '', 'a bundle ends too early'));
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (entries.length !== width) return fail(problem('LOG_INVALID', '', `a bundle of ${width} holds ${entries.length} entries`));
  return ok(entries);
}
