// Which way is tighter: said by the JSON Schemas of the data (`x-tighter`), and here only followed.
import { pointerOf } from '../domain/result.ts';
import { PATHS } from '../domain/routing.ts';

/** `superset`: layers are joined, so a lower one can only add. */
export type Tighter = 'lower' | 'higher' | 'superset';

/** The data's own shape with a direction at each value; `*` is any key. */
export type TighterTree = { readonly [key: string]: TighterTree | Tighter };

type JsonSchema = {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly 'x-tighter'?: unknown;
};

/** From the schemas of all files; what states no direction is left out and may stand in no lower layer. */
export function tighterTree(schemas: readonly object[]): TighterTree {
  return Object.assign({}, ...schemas.map(treeOf)) as TighterTree;
}

function treeOf(schema: JsonSchema): TighterTree | Tighter | undefined {
  const way = schema['x-tighter'];
  if (way !== undefined) return way as Tighter;
  const { properties = {}, additionalProperties: any } = schema;
  const below = Object.entries(properties).map(([key, inner]) => [key, treeOf(inner)] as const);
  if (typeof any === 'object' && any !== null) below.push(['*', treeOf(any)]);
  const told = below.filter(([, inner]) => inner !== undefined);
  return told.length > 0 ? (Object.fromEntries(told) as TighterTree) : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Tree = TighterTree | Tighter | undefined;
const below = (tree: Tree, key: string): Tree =>
  typeof tree === 'object' ? (Object.hasOwn(tree, key) ? tree[key] : tree['*']) : undefined;

/** Paths are ordered from light to heavy; undefined is a value that no order knows. */
const rank = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  const place = (PATHS as readonly unknown[]).indexOf(value);
  return place < 0 ? undefined : place;
};

/** Whether `to` is looser than `from`. What cannot be ordered is. */
export function isLooser(from: unknown, to: unknown, way: Tree): boolean {
  const [before, after] = [rank(from), rank(to)];
  // A path where a number stands has a place in another order: to Rego it would be above every figure.
  if (before === undefined || after === undefined || typeof from !== typeof to) return true;
  return way === 'lower' ? after > before : way === 'higher' ? after < before : true;
}

export type Loosened = { readonly pointer: string; readonly message: string };

/** Every place where the lower layer allows more than what stands above it, or where nobody said which way is tighter. */
export function loosened(upper: unknown, lower: unknown, tree: Tree, path: readonly string[] = []): Loosened[] {
  const told = (message: string) => [{ pointer: pointerOf(path), message }];
  if (Array.isArray(lower)) return tree === 'superset' ? [] : told('no layer below the organisation may state this');
  if (isRecord(lower)) {
    return Object.entries(lower).flatMap(([key, value]) =>
      loosened(isRecord(upper) && Object.hasOwn(upper, key) ? upper[key] : undefined, value, below(tree, key), [...path, key]),
    );
  }
  if (tree !== 'lower' && tree !== 'higher') return told('no layer below the organisation may state this');
  // Not limited above: a limit of one's own is tighter than none.
  if (upper === undefined || !isLooser(upper, lower, tree)) return [];
  return told(`${lower} is looser than ${upper} above it; here ${tree} is tighter, and a lower layer may only tighten`);
}

/** Two layers as one: lists joined, of two values the tighter one, or with `last` the second whatever it is. */
export function joined(upper: unknown, lower: unknown, tree: Tree, last = false): unknown {
  if (upper === undefined) return lower;
  if (lower === undefined) return upper;
  if (Array.isArray(upper) && Array.isArray(lower)) return tree === 'superset' ? [...upper, ...lower] : lower;
  if (!isRecord(upper) || !isRecord(lower)) return !last && isLooser(upper, lower, tree) ? upper : lower;
  const keys = [...new Set([...Object.keys(upper), ...Object.keys(lower)])];
  return Object.fromEntries(keys.map((key) => [key, joined(upper[key], lower[key], below(tree, key), last)]));
}

/** The lower layer alone, with nothing in it that is looser than the upper one. */
export function clamped(upper: unknown, lower: unknown, tree: Tree): unknown {
  if (upper === undefined || Array.isArray(lower)) return lower;
  if (!isRecord(upper) || !isRecord(lower)) return isLooser(upper, lower, tree) ? upper : lower;
  return Object.fromEntries(Object.entries(lower).map(([key, value]) => [key, clamped(upper[key], value, below(tree, key))]));
}

/** The direction at a pointer's parts. */
export const wayAt = (tree: TighterTree, path: readonly string[]): Tree => path.reduce<Tree>(below, tree);
