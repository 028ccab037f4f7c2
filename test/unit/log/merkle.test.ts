import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grow } from '../../../functions/domain/log/grow.ts';
import {
  EMPTY_ROOT,
  type Hash,
  isSize,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../functions/domain/log/merkle.ts';
import { consistencyPath, inclusionPath, readEdge, rootOfEdge } from '../../../functions/domain/log/prove.ts';
import { bundleKey, parseBundle, tileKey, tilesBetween } from '../../../functions/domain/log/tile.ts';
import { isVaultKey } from '../../../functions/domain/vault-keys.ts';

const MOST = 600;
const entryOf = (i: number): Uint8Array => new TextEncoder().encode(`entry ${i}`);
const LEAVES = Array.from({ length: MOST }, (_, i) => leafHash(entryOf(i)));

/** RFC 6962 §2.1 as it is written there, and nothing of ours: the other side of every comparison below. */
function plainRoot(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return EMPTY_ROOT;
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return nodeHash(plainRoot(leaves.slice(0, k)), plainRoot(leaves.slice(k)));
}
const ROOTS = Array.from({ length: MOST + 1 }, (_, size) => plainRoot(LEAVES.slice(0, size)));
const rootAt = (size: number): Hash => ROOTS[size] ?? EMPTY_ROOT;
const headAt = (size: number) => ({ size, root: rootAt(size) });
const leafAt = (index: number): Hash => LEAVES[index] ?? EMPTY_ROOT;

/** A log grown by steps; every object is written once, as in the vault. */
async function logOf(steps: readonly number[]): Promise<Map<string, Uint8Array>> {
  const objects = new Map<string, Uint8Array>();
  let size = 0;
  for (const step of steps) {
    const edge = await readEdge(readerOf(objects), size);
    const width = size % 256;
    const last = objects.get(bundleKey({ index: Math.floor(size / 256), width }));
    const bundle = width > 0 && last ? parseBundle(last, width) : undefined;
    const entries = Array.from({ length: step }, (_, i) => entryOf(size + i));
    const next = grow(size, edge, bundle?.ok ? bundle.value : [], entries);
    for (const [key, bytes] of next.objects) {
      if (objects.has(key) && Buffer.compare(objects.get(key) ?? bytes, bytes) !== 0) throw new Error(`${key} changed`);
      objects.set(key, bytes);
    }
    size = next.size;
    expect(Buffer.from(next.root).toString('hex')).toBe(Buffer.from(rootAt(size)).toString('hex'));
  }
  return objects;
}
const readerOf = (objects: ReadonlyMap<string, Uint8Array>) => async (key: string) => objects.get(key);

const flipped = (hash: Hash): Hash => Uint8Array.from(hash, (byte, i) => (i === 0 ? byte ^ 1 : byte));

describe('R14a the Merkle tree', () => {
  it('hashes as RFC 6962 says: the empty tree, and one leaf of no bytes', () => {
    expect(Buffer.from(rootOf([])).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const empty = leafHash(new Uint8Array());
    expect(Buffer.from(rootOf([empty])).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('every size from 1 to 600: each leaf near the edges and 12 others are proven, and nothing else is', async () => {
    const objects = await logOf(Array.from({ length: MOST }, () => 1));
    const read = readerOf(objects);
    for (let size = 1; size <= MOST; size++) {
      const some = Array.from({ length: 12 }, (_, i) => (i * 7919 + size * 31) % size);
      for (const index of new Set([0, size - 1, Math.floor(size / 2), ...some])) {
        const path = await inclusionPath(read, index, size);
        expect(verifyInclusion(leafAt(index), index, size, path, rootAt(size)), `${index} of ${size}`).toBe(true);
        expect(verifyInclusion(flipped(leafAt(index)), index, size, path, rootAt(size))).toBe(false);
        expect(verifyInclusion(leafAt(index), index, size, path, rootAt(size - 1))).toBe(false);
        expect(verifyInclusion(leafAt(index), (index + 1) % size, size, path, rootAt(size))).toBe(size === 1);
        expect(verifyInclusion(leafAt(index), index, size, [...path, rootAt(1)], rootAt(size))).toBe(false);
        if (path.length > 0) expect(verifyInclusion(leafAt(index), index, size, path.slice(1), rootAt(size))).toBe(false);
      }
    }
  });

  it('any two sizes: the newer is proven to begin with the older, and no other tree is', { timeout: 60_000 }, async () => {
    const read = readerOf(await logOf(Array.from({ length: MOST }, () => 1)));
    const sizes = fc.tuple(fc.integer({ min: 0, max: MOST }), fc.integer({ min: 0, max: MOST }), fc.nat());
    await fc.assert(
      fc.asyncProperty(sizes, async ([a, b, which]) => {
        const [older, newer] = [Math.min(a, b), Math.max(a, b)];
        const proof = await consistencyPath(read, older, newer);
        expect(verifyConsistency(headAt(older), headAt(newer), proof)).toBe(true);
        if (older === newer || older === 0) return;
        expect(verifyConsistency({ size: older, root: flipped(rootAt(older)) }, headAt(newer), proof)).toBe(false);
        expect(verifyConsistency(headAt(older), { size: newer, root: flipped(rootAt(newer)) }, proof)).toBe(false);
        expect(verifyConsistency(headAt(older), headAt(newer), [...proof, rootAt(1)])).toBe(false);
        const at = which % proof.length;
        const wrong = proof.map((hash, i) => (i === at ? flipped(hash) : hash));
        expect(verifyConsistency(headAt(older), headAt(newer), wrong)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('grown in any steps it is the same tree, and no object is ever written twice with other bytes', async () => {
    const steps = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, async (wanted) => {
        let left = MOST;
        const taken = wanted.flatMap((step) => {
          const now = Math.min(step, left);
          left -= now;
          return now > 0 ? [now] : [];
        });
        const objects = await logOf(taken);
        const size = MOST - left;
        expect(rootOfEdge(await readEdge(readerOf(objects), size))).toEqual(rootAt(size));
        expect([...objects.keys()].every(isVaultKey)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('a bit flipped in any tile of the edge changes the root', async () => {
    const objects = await logOf([300, 1]);
    const read = readerOf(objects);
    const edge = [...objects.keys()].filter((key) => /\.p\/(45|1)$/.test(key) && !key.includes('entries'));
    expect(edge.length).toBe(2);
    for (const key of edge) {
      for (const at of [0, 31]) {
        const bytes = Uint8Array.from(objects.get(key) ?? []);
        bytes[at] = (bytes[at] ?? 0) ^ 4;
        const bad = async (wanted: string) => (wanted === key ? bytes : read(wanted));
        expect(rootOfEdge(await readEdge(bad, 301))).not.toEqual(rootAt(301));
      }
    }
  });
});

describe('tiles', () => {
  it('lie where C2SP tlog-tiles says', () => {
    expect(tileKey({ level: 0, index: 0, width: 256 })).toBe('log/tile/0/000');
    expect(tileKey({ level: 0, index: 1_234_067, width: 256 })).toBe('log/tile/0/x001/x234/067');
    expect(tileKey({ level: 1, index: 1000, width: 17 })).toBe('log/tile/1/x001/000.p/17');
    expect(bundleKey({ index: 5, width: 1 })).toBe('log/tile/entries/005.p/1');
  });

  it('a tree of 70000 has 273 full tiles and one of 112, then one full and one of 17, then one of 1', () => {
    const tiles = tilesBetween(0, 70_000);
    const count = (level: number, width: number) => tiles.filter((tile) => tile.level === level && tile.width === width).length;
    expect([count(0, 256), count(0, 112), count(1, 256), count(1, 17), count(2, 1), tiles.length]).toEqual([
      273, 1, 1, 1, 1, 277,
    ]);
  });

  it('a tree of 256 has a full tile and one above it', () => {
    expect(tilesBetween(255, 256)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
  });

  it.each(['log/tile/0/1', 'log/tile/00/000', 'log/tile/64/000', 'log/tile/0/../000', 'log/tile/0/000.p/0', 'log/checkpoint'])(
    '%s is no object of the vault',
    (key) => expect(isVaultKey(key)).toBe(false),
  );

  it('sizes are exact numbers', () => {
    expect([0, 2 ** 48].map(isSize)).toEqual([true, true]);
    expect([-1, 0.5, 2 ** 53, Number.NaN].map(isSize)).toEqual([false, false, false, false]);
  });
});
