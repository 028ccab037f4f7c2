import type { Code } from './errors.ts';

/** One thing that is wrong: a stable code, where (RFC 6901 pointer into what was sent), and what to do about it. */
export type Problem = { readonly code: Code; readonly pointer: string; readonly detail: string };

/** A refusal is a value. Bugs and infrastructure faults throw instead. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });

export const fail = (...problems: Problem[]): Result<never> => ({ ok: false, problems });

export const problem = (code: Code, pointer: string, detail: string): Problem => ({ code, pointer, detail });

/** RFC 6901 pointer of a path of keys and positions. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** For states that parsing has already excluded: reaching one is a bug, so it throws. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}
