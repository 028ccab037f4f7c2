// Examples for the rule book: rows of the tables in *_test.rego, which `opa test` has just shown to be true.
import { z } from 'zod';
import { PATHS, type Path } from '../functions/domain/routing.ts';
import type { Examples, Rule } from '../functions/route/rulebook.ts';

const Operation = z.looseObject({ op: z.string(), path: z.string(), value: z.unknown().optional() });
type Operation = z.infer<typeof Operation>;

const Case = z.looseObject({ do: z.array(Operation), codes: z.array(z.string()), proven: z.boolean().optional() });
type Case = z.infer<typeof Case> & { readonly name: string };

/** All tables as OPA evaluates them, by the name of their package: `population_test`. */
export const TABLES_QUERY = '{name: cases | some name; cases := data.promotion[name]._cases}';
const Tables = z.record(z.string(), z.record(z.string(), Case));
const Answer = z.object({ result: z.tuple([z.object({ expressions: z.tuple([z.object({ value: Tables })]) })]) });

export type Tables = ReadonlyMap<string, readonly Case[]>;

/** From the answer of `opa eval --format json`. */
export function tablesOf(answer: unknown): Tables {
  const read = Answer.safeParse(answer);
  if (!read.success) {
    const [first] = read.error.issues;
    // The path starts with OPA's own wrapping: table, case and key are what the author knows.
    throw new Error(`policies/promotion: _cases of ${first?.path.slice(5).join(' / ')}: ${first?.message}`);
  }
  const [{ expressions }] = read.data.result;
  const rows = (table: Record<string, z.infer<typeof Case>>) =>
    Object.entries(table).map(([name, one]) => ({ ...one, codes: one.codes.toSorted(), name }));
  return new Map(Object.entries(expressions[0].value).map(([name, table]) => [name, rows(table)]));
}

/** A case on which the rule fires and one on which it does not, as near to each other as one table has them; or what is missing. */
export function examplesOf(
  code: string,
  module: string,
  tables: Tables,
  pathOf: (code: string) => Rule['min_path'] | undefined,
): Examples | string {
  const own = `${module}_test`;
  // Where the tests of a folder are long, more of them stand in <module>_<what>_test.rego.
  const ofModule = (name: string) => name.startsWith(`${module}_`);
  const fires = (name: string) => (tables.get(name) ?? []).filter((one) => one.codes.includes(code));
  const table = [own, ...[...tables.keys()].filter(ofModule), ...tables.keys()].find((name) => fires(name).length > 0);
  const where = `promotion/${module}/${own}.rego`;
  if (table === undefined) return `${code}: no case fires it: add one to _cases of policies/${where}`;
  const quiet = (tables.get(table) ?? []).filter((one) => !one.codes.includes(code) && one.proven !== false);
  const weight = (one: Case) => Math.max(0, ...one.codes.map((fired) => PATHS.indexOf(pathOf(fired) as Path)));
  const [best] = fires(table)
    .flatMap((fire) => quiet.map((still) => ({ fire, still, rank: rankOf(fire, still, weight) })))
    .sort((a, b) => compare(a.rank, b.rank));
  if (best === undefined) return `${code}: no case leaves it quiet: add one to _cases of policies/${where}`;
  return {
    source: `promotion/${ofModule(table) ? module : table.replace(/_test$/, '')}/${table}.rego`,
    fires: { case: best.fire.name, codes: best.fire.codes },
    quiet: { case: best.still.name, codes: best.still.codes },
  };
}

type Rank = readonly (number | string)[];

/** Smaller is the better pair: the two sides of one limit first, then few codes, then few changes. */
const rankOf = (fire: Case, still: Case, weight: (one: Case) => number): Rank => [
  odd(fire),
  distance(fire.do, still.do),
  fire.codes.length,
  weight(still),
  still.codes.length,
  fire.do.length + still.do.length,
  fire.name,
  still.name,
];

/** A figure taken away also fires some rules; it is no example of what they are for. */
const odd = (one: Case): number =>
  one.proven === false || one.do.some(({ op, value }) => op === 'remove' || value === null) ? 1 : 0;

/** How far two cases are apart that change the same places; infinite for others. */
function distance(a: readonly Operation[], b: readonly Operation[]): number {
  if (a.length !== b.length || a.some((one, i) => one.op !== b[i]?.op || one.path !== b[i]?.path)) return Infinity;
  return a.reduce((sum, { value }, i) => {
    const other = b[i]?.value;
    if (typeof value === 'number' && typeof other === 'number') return sum + Math.abs(value - other);
    return JSON.stringify(value) === JSON.stringify(other) ? sum : sum + 1e9;
  }, 0);
}

function compare(a: Rank, b: Rank): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  if (at < 0) return 0;
  const [x, y] = [a[at] ?? 0, b[at] ?? 0];
  return x < y ? -1 : 1;
}
