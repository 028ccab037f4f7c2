import { pointerOf } from '../domain/result.ts';
import type { Finding } from '../domain/routing.ts';
import type { RuleWords } from './types.ts';

export type Leaf = string | number | boolean | null;
/** One value of the policy's data that differs; undefined on the side that does not have it. */
export type ChangedDatum = { readonly pointer: string; readonly from: Leaf | undefined; readonly to: Leaf | undefined };

export function changedData(base: unknown, head: unknown): ChangedDatum[] {
  const [before, after] = [leavesOf(base), leavesOf(head)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((pointer) => before.get(pointer) !== after.get(pointer))
    .sort()
    .map((pointer) => ({ pointer, from: before.get(pointer), to: after.get(pointer) }));
}

/** Every leaf with its pointer. An empty list or object has none, and none is what a rule reads there. */
export function leavesOf(root: unknown): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, below] of Object.entries(value)) walk(below, [...path, key]);
    else leaves.set(pointerOf(path), value as Leaf);
  };
  walk(root, []);
  return leaves;
}

/**
 * Does the rule read this datum? METADATA names `limits.metrics.overall_ppm` for every metric below it and `lines.minRows`
 * for every line, so its words must come in the pointer in this order, with others allowed between and after.
 */
export function reads(rule: RuleWords, pointer: string): boolean {
  if (rule.threshold === undefined) return false;
  const wanted = rule.threshold.split('.');
  let next = 0;
  for (const part of pointer.split('/').slice(1)) if (part === wanted[next]) next++;
  return next === wanted.length;
}

/**
 * A rule that did not fire may not say its limit. It is the other side's, unless this very number changed; a side that does
 * not have the rule has no limit at all.
 */
export function limitsOf(
  limits: readonly [Finding['limit'], Finding['limit']],
  rules: readonly [RuleWords | undefined, RuleWords | undefined],
  changed: readonly ChangedDatum[],
): [Finding['limit'], Finding['limit']] {
  const [before, after] = limits;
  if ((before === null) === (after === null)) return [before, after];
  const known = before ?? after;
  const datum = changed.find(
    ({ pointer, from, to }) => rules.some((rule) => rule && reads(rule, pointer)) && (before === null ? to : from) === known,
  );
  const other = datum === undefined ? known : ((before === null ? datum.from : datum.to) ?? null);
  const figure = typeof other === 'boolean' ? null : other;
  return before === null ? [rules[0] ? figure : null, after] : [before, rules[1] ? figure : null];
}

/** The value at a pointer; undefined when there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  return partsOf(pointer).reduce<unknown>(
    (here, part) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, part)
        ? (here as Record<string, unknown>)[part]
        : undefined,
    root,
  );
}

/** A copy with another value at a pointer that exists; everything else is shared, so nothing here may be mutated. */
export function withValue(root: unknown, pointer: string, value: number): unknown {
  const put = (here: unknown, [part, ...rest]: readonly string[]): unknown => {
    if (part === undefined) return value;
    if (Array.isArray(here)) return here.map((item: unknown, i) => (String(i) === part ? put(item, rest) : item));
    const record = here as Readonly<Record<string, unknown>>;
    return { ...record, [part]: put(record[part], rest) };
  };
  return put(root, partsOf(pointer));
}

const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
