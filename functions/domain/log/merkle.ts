// The Merkle tree of RFC 6962 §2.1: hashing, and the algorithms of RFC 9162 §2.1 that check a path. Pure; sizes are numbers,
// divided and never shifted, because JavaScript shifts 32 bits only.
import { sha256 } from '../crypto.ts';
import { invariant } from '../result.ts';

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array;

/** Leaves lo to hi, without hi: the part of the tree whose hash stands in a proof. */
export type Range = readonly [lo: number, hi: number];

/** More leaves than this log will ever have, and far from where numbers stop being exact. */
const MAX_SIZE = 2 ** 48;

export const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= MAX_SIZE;

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (data: Uint8Array): Hash => sha256(Buffer.concat([LEAF, data]));

export const nodeHash = (left: Hash, right: Hash): Hash => sha256(Buffer.concat([NODE, left, right]));

export const sameHash = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;

export const EMPTY_ROOT: Hash = sha256('');

/** The largest power of two below n: where a tree of n leaves is split. */
export function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** MTH over hashes that are leaves, or roots of complete subtrees of one size (the last may be smaller). */
export function rootOf(hashes: readonly Hash[]): Hash {
  const [first] = hashes;
  if (first === undefined) return EMPTY_ROOT;
  if (hashes.length === 1) return first;
  const k = splitOf(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}

/** What the inclusion proof of a leaf consists of, from its sibling up (RFC 6962 §2.1.1). */
export function inclusionRanges(index: number, size: number): Range[] {
  invariant(isSize(size) && isSize(index) && index < size, `leaf ${index} is in a tree of ${size}`);
  const ranges: Range[] = [];
  let [lo, hi] = [0, size];
  while (hi - lo > 1) {
    const middle = lo + splitOf(hi - lo);
    if (index < middle) {
      ranges.push([middle, hi]);
      hi = middle;
    } else {
      ranges.push([lo, middle]);
      lo = middle;
    }
  }
  return ranges.reverse();
}

/** What the consistency proof between two sizes consists of (RFC 6962 §2.1.2). */
export function consistencyRanges(older: number, newer: number): Range[] {
  invariant(isSize(newer) && isSize(older) && older <= newer, `a tree grows from ${older} to ${newer}`);
  if (older === 0 || older === newer) return [];
  const ranges: Range[] = [];
  let [lo, hi] = [0, newer];
  while (older !== hi) {
    const middle = lo + splitOf(hi - lo);
    if (older <= middle) {
      ranges.push([middle, hi]);
      hi = middle;
    } else {
      ranges.push([lo, middle]);
      lo = middle;
    }
  }
  // The verifier knows the older root; its own subtree is told only where the older tree is not one.
  if (lo > 0) ranges.push([lo, hi]);
  return ranges.reverse();
}

const half = (n: number): number => Math.floor(n / 2);

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(leaf: Hash, index: number, size: number, path: readonly Hash[], root: Hash): boolean {
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameHash(hash, root);
}

export type Head = { readonly size: number; readonly root: Hash };

/** RFC 9162 §2.1.4.2: is the older tree the beginning of the newer one? */
export function verifyConsistency(older: Head, newer: Head, proof: readonly Hash[]): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && sameHash(older.root, newer.root);
  if (older.size === 0) return proof.length === 0 && sameHash(older.root, EMPTY_ROOT);
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  const rest = [...proof];
  // An older tree that is complete is itself the first part.
  const first = fn === 0 ? older.root : rest.shift();
  if (first === undefined) return false;
  let [fr, sr] = [first, first];
  for (const hash of rest) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(hash, fr), nodeHash(hash, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sr, hash);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && sameHash(fr, older.root) && sameHash(sr, newer.root);
}
