// From a rule's `threshold` to the figures it means: the value, the file that model risk edits, the pointer into it.
import { canonicalDigest } from '../domain/canonical.ts';
import { DATA_FILES } from './data.ts';
import type { RuleFigure } from './rulebook.ts';

type At = { readonly path: readonly string[]; readonly value: unknown };

/** Empty: the reference leads nowhere. The build refuses that. */
export const figuresOf = (threshold: string | undefined, data: object): RuleFigure[] =>
  figuresAt(threshold?.split('.') ?? [], data);

/** The same for keys that may hold dots. */
export function figuresAt(names: readonly string[], data: object): RuleFigure[] {
  if (names.length === 0) return [];
  const found = names.reduce<At[]>((reached, name) => reached.flatMap((at) => below(at, name)), [{ path: [], value: data }]);
  const [first, ...rest] = found;
  if (first === undefined) return [];
  const same = rest.every((at) => canonicalDigest(at.value) === canonicalDigest(first.value));
  return (same && rest.length > 0 ? [{ path: names, value: first.value }] : found).map(figureAt);
}

function below({ path, value }: At, name: string): At[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => name === '*' || key === name)
    .map(([key, inner]) => ({ path: [...path, key], value: inner }));
}

const figureAt = ({ path, value }: At): RuleFigure => ({
  file: `data/${fileOf(path[0] ?? '')}.json`,
  pointer: `/${path.map(escaped).join('/')}`,
  value: value as RuleFigure['value'],
});

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Each file of the data holds its own top-level keys. */
const fileOf = (key: string): string =>
  Object.entries(DATA_FILES).find(([, schema]) => Object.hasOwn(schema.shape, key))?.[0] ?? key;
