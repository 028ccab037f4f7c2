import type { z } from 'zod';
import { type Code, isCode } from './errors.ts';
import { type JsonLimits, parseJson } from './json.ts';
import { ok, type Problem, pointerOf, problem, type Result } from './result.ts';

/** Checks a value against a schema and names all that is wrong, each with its pointer. */
export function parseValue<S extends z.ZodType>(schema: S, value: unknown): Result<z.infer<S>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, value)) };
}

/** Strict JSON, then the schema. */
export function parseBytes<S extends z.ZodType>(schema: S, bytes: Uint8Array, limits?: JsonLimits): Result<z.infer<S>> {
  const json = parseJson(bytes, limits);
  return json.ok ? parseValue(schema, json.value) : json;
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      problem('UNKNOWN_KEY', pointerOf([...issue.path, key]), 'no such key; a typing error would otherwise be lost'),
    );
  }
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue.errors);
    if (meant) return meant.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, root));
  }
  const pointer = pointerOf(issue.path);
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.['code'];
    return [problem(isCode(code) ? code : 'INVALID_VALUE', pointer, issue.message)];
  }
  const absent = issue.code === 'invalid_type' && valueAt(root, issue.path) === undefined;
  const code: Code = absent ? 'MISSING_KEY' : 'INVALID_VALUE';
  return [problem(code, pointer, absent ? 'this key must be there' : issue.message)];
}

/** Of several shapes, the one that was meant: right in kind, fewest mistakes. "Invalid input" would help nobody. */
function meantBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const otherKind = ({ path, code }: z.core.$ZodIssue) =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  const rightKind = branches.filter((issues) => !issues.some(otherKind));
  return rightKind.sort((a, b) => a.length - b.length)[0];
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let here: unknown = root;
  for (const part of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<PropertyKey, unknown>)[part];
  }
  return here;
}
