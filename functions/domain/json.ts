import { visit } from 'jsonc-parser';
import type { Code } from './errors.ts';
import { fail, ok, type Problem, pointerOf, problem, type Result } from './result.ts';

/** Limits of one JSON document from outside. Depth counts nested objects and arrays. */
export type JsonLimits = { readonly maxBytes: number; readonly maxDepth: number };

const REQUEST_LIMITS: JsonLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 64 };

/**
 * Parses JSON the way evidence needs it: what two readers could understand differently is refused, not repaired.
 * Names every problem at once: duplicate keys, numbers that are not safe integers (decimals travel as strings), lone
 * surrogates. Syntax, size, depth and encoding stop the reading, since nothing after them can be trusted.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = REQUEST_LIMITS): Result<unknown> {
  if (bytes.byteLength > limits.maxBytes) {
    return fail(problem('BODY_TOO_LARGE', '', `${bytes.byteLength} bytes, at most ${limits.maxBytes} are read`));
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return fail(problem('JSON_SYNTAX', '', 'not UTF-8'));
  if (depthOf(text) > limits.maxDepth) {
    return fail(problem('JSON_TOO_DEEP', '', `nested deeper than ${limits.maxDepth}`));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(problem('JSON_SYNTAX', '', error instanceof Error ? error.message : 'not JSON'));
  }
  if (readsOneWay(text, value)) return ok(value);
  const problems = ambiguitiesOf(text);
  return problems.length > 0 ? { ok: false, problems } : ok(value);
}

export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // malformed UTF-8 is the sender's; the caller names it
  }
}

/** Counted on the text before any recursive reader sees it. Most of a text is strings, and those are skipped whole. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (c === 0x7d || c === 0x5d) depth--;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/**
 * A text that comes back as itself holds no key twice, since only the last would be left, and no half surrogate, which would be
 * written as an escape. What we seal is written so; it is looked at by the slow way below only if it is not.
 */
const readsOneWay = (text: string, value: unknown): boolean =>
  !text.includes('\\u') && !text.includes('"__proto__"') && JSON.stringify(value) === text && onlySafeIntegers(value);

function onlySafeIntegers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(onlySafeIntegers);
  for (const key in value) if (!onlySafeIntegers((value as Record<string, unknown>)[key])) return false;
  return true;
}

/** A body wrong in every place would otherwise be answered with more than was sent. */
const MAX_PROBLEMS = 100;

function ambiguitiesOf(text: string): Problem[] {
  const problems: Problem[] = [];
  const keysOfOpenObjects: Set<string>[] = [];
  const add = (code: Code, path: readonly PropertyKey[], detail: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem(code, pointerOf(path), detail));
  };
  visit(text, {
    onObjectBegin: () => void keysOfOpenObjects.push(new Set()),
    onObjectEnd: () => void keysOfOpenObjects.pop(),
    onObjectProperty: (key, _offset, _length, _line, _column, path) => {
      const keys = keysOfOpenObjects.at(-1);
      const here = [...path(), key];
      if (key === '__proto__') add('INVALID_VALUE', here, 'this key means something else to many readers');
      if (keys?.has(key)) add('JSON_DUPLICATE_KEY', here, `"${key}" stands twice; readers would disagree which counts`);
      keys?.add(key);
      if (!key.isWellFormed()) add('JSON_LONE_SURROGATE', here, 'the key holds half a surrogate pair');
    },
    onLiteralValue: (value, offset, length, _line, _column, path) => {
      if (typeof value === 'string' && !value.isWellFormed()) {
        add('JSON_LONE_SURROGATE', path(), 'the text holds half a surrogate pair');
      }
      if (typeof value !== 'number') return;
      const written = text.slice(offset, offset + length);
      if (!/^-?\d+$/.test(written)) {
        add('NUMBER_NOT_DECIMAL_STRING', path(), `write ${written} as a string: "${written}"`);
      } else if (!Number.isSafeInteger(value)) {
        add('JSON_UNSAFE_INTEGER', path(), `${written} cannot be read exactly; write it as a string`);
      }
    },
  });
  return problems;
}
