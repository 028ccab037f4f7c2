import { type Problem, pointerOf, problem } from './result.ts';
import { holdsMail } from './text.ts';

const WHY =
  'this reads like a mail address, which could never be erased from the vault: name a role; write a repository as https://host/path';

/**
 * Every text of a document that will be sealed, keys included, labels and captions as well as prose. Asked where something comes
 * in, not in the schemas: what was sealed before the question was asked must still be readable.
 */
export function personalDataIn(value: unknown, path: readonly PropertyKey[] = []): Problem[] {
  if (typeof value === 'string') return holdsMail(value) ? [problem('PERSONAL_DATA', pointerOf(path), WHY)] : [];
  if (Array.isArray(value)) return value.flatMap((one, i) => personalDataIn(one, [...path, i]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [
    ...(holdsMail(key) ? [problem('PERSONAL_DATA', pointerOf(path), WHY)] : []),
    ...personalDataIn(one, [...path, key]),
  ]);
}
