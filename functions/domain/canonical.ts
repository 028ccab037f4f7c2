import canonicalize from 'canonicalize';
import { type Digest, digestOf } from './digest.ts';
import { invariant } from './result.ts';

/**
 * RFC 8785 (JCS) bytes of a value we built ourselves. Only for generating bytes: a verifier checks the bytes it was given
 * and never canonicalises (docs/decisions/0002).
 */
export const canonicalBytes = (value: unknown): Uint8Array => new TextEncoder().encode(canonicalText(value));

function canonicalText(value: unknown): string {
  const ordered = inOrder(value, 0);
  const quick = ordered === ODD ? undefined : JSON.stringify(ordered);
  // Half a surrogate pair is written as an escape here, and refused by the library.
  if (quick !== undefined && !quick.includes('\\ud')) return quick;
  const text = canonicalize(value);
  invariant(typeof text === 'string', 'only JSON values have canonical bytes');
  return text;
}

/** What the engine's own writer would put otherwise, or cannot put: left to the library. */
const ODD = Symbol('odd');
const DEEP = 100;
/** Keys that an object does not keep where they were put. */
const MOVES = /^(?:0|[1-9]\d{0,9}|__proto__)$/;

/** The same value with its keys in order, so that the engine's writer gives JCS. Most of what we hold is in order already. */
function inOrder(value: unknown, depth: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : ODD;
  if (typeof value !== 'object' || depth > DEEP) return ODD;
  return Array.isArray(value) ? itemsInOrder(value, depth) : keysInOrder(value as Record<string, unknown>, depth);
}

function itemsInOrder(items: readonly unknown[], depth: number): unknown {
  let changed: unknown[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const item = inOrder(items[i], depth + 1);
    if (item === ODD) return ODD;
    if (changed === undefined && item !== items[i]) changed = items.slice(0, i);
    changed?.push(item);
  }
  return changed ?? items;
}

function keysInOrder(object: Record<string, unknown>, depth: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(object);
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in object) return ODD;
  const keys = Object.keys(object);
  let same = true;
  for (let i = 0; i < keys.length; i++) {
    if (MOVES.test(keys[i] ?? '')) return ODD;
    if (i > 0 && (keys[i - 1] ?? '') > (keys[i] ?? '')) same = false;
  }
  if (!same) keys.sort();
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const member = object[key];
    // JSON has no such thing; both writers leave the key out.
    if (member === undefined) continue;
    const ordered = inOrder(member, depth + 1);
    if (ordered === ODD) return ODD;
    if (ordered !== member) same = false;
    copy[key] = ordered;
  }
  return same ? object : copy;
}

export const sameJson = (a: unknown, b: unknown): boolean => canonicalText(a) === canonicalText(b);

export const canonicalDigest = (value: unknown): Digest => digestOf(canonicalBytes(value));
