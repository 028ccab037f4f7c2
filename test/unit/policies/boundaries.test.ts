// Exact at every number: the limits are found in the data, the rules by the threshold in their METADATA, the places by trying.
// A rule or a limit that is added later is tested without a line here.
import { beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '../../../functions/domain/routing.ts';
import { createEngine, type Engine } from '../../../functions/route/engine.ts';
import type { RoutingInput } from '../../../functions/route/input.ts';
import { corpusOf, pathsTo, twoBaselines, withValue } from '../../../policies/corpus.ts';
import { type HouseInput, houseInput } from '../../../policies/house.ts';
import { committedPack, packFiles } from '../../support/pack.ts';

const { rules } = committedPack();
const wasm = packFiles().get('policy.wasm') ?? new Uint8Array();
const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as Record<string, unknown>;

type Path = readonly string[];
type Limit = { readonly code: string; readonly dimension: string; readonly path: Path; readonly value: number };

/** `*` is any key, and a name may leave out the keys of a register, as in the house rule on thresholds. */
const begins = (threshold: Path, path: Path) => threshold.every((part, i) => part === '*' || part === path[i]);
const names = (threshold: Path, path: Path) =>
  begins(threshold, path) || begins([threshold[0] ?? '', '*', ...threshold.slice(1)], path);

/** The register of lines holds facts about lines; where a rule has its limit there, the input carries it. */
const integers = pathsTo(data, 'number').filter(([root]) => root !== 'lines');
const valueAt = (tree: unknown, path: Path) =>
  path.reduce<unknown>((here, key) => (here as Record<string, unknown>)[key], tree);

const LIMITS: Limit[] = [...rules.values()]
  .filter((rule) => rule.threshold !== undefined && (PATHS as readonly string[]).includes(rule.min_path))
  .flatMap(({ code, dimension = '', threshold = '' }) =>
    integers
      .filter((path) => names(threshold.split('.'), path))
      .map((path) => ({ code, dimension, path, value: Number(valueAt(data, path)) })),
  );

type Entry = { code: string; pointer: string; limit: unknown };
type Answer = { findings: Entry[]; cleared: { headroom: Entry[] }[] };

/** Whether the rule fired there, judging by this limit; undefined when it did not look there or looked at another. */
function firedAt(engine: Engine, input: RoutingInput, code: string, pointer: string, limit: number): boolean | undefined {
  const { findings, cleared } = (engine.evaluate(input) as [{ result: Answer }])[0].result;
  const here = (entry: Entry) => entry.code === code && entry.pointer === pointer && entry.limit === limit;
  const [fired, room] = [findings.some(here), cleared.some(({ headroom }) => headroom.some(here))];
  expect(fired && room, `${code} both fires and has headroom at ${pointer}`).toBe(false);
  return fired || (room ? false : undefined);
}

/** A number near the limit that stands nowhere else in the data, so that only this limit can be meant. */
function otherThan(value: number): number {
  const taken = new Set(integers.map((path) => valueAt(data, path)));
  for (let by = 3; ; by++) {
    for (const other of [value - by, value + by]) if (other > 0 && !taken.has(other)) return other;
  }
}

type Pattern = readonly (boolean | undefined)[];

/** Fired or not one below the limit, at it, one above it, at each place in the input where the rule looks for this limit. */
function patternsOf({ code, dimension, path }: Limit, value: number, bases: Iterable<RoutingInput>): Map<string, Pattern> {
  const changed = structuredClone(data);
  (valueAt(changed, path.slice(0, -1)) as Record<string, unknown>)[path.at(-1) ?? ''] = value;
  const engine = createEngine(wasm, changed);
  const found = new Map<string, Pattern>();
  for (const base of bases) {
    for (const place of pathsTo(base, 'number').filter(([name]) => name === dimension)) {
      const pointer = `/${place.join('/')}`;
      const at = (figure: number) => {
        const input = withValue(base, place, figure);
        return input && firedAt(engine, input, code, pointer, value);
      };
      // The far side first: a rule that is silent on both sides of its limit does not look here.
      const [below, above] = [at(value - 1), at(value + 1)];
      if (below || above) found.set(pointer, [below ?? false, at(value) ?? false, above ?? false]);
    }
    if (found.size > 0) break;
  }
  return found;
}

/** The clear input, then with each flag of the dimension turned, then what chance gives, until a place is found. */
function* basesFor({ code, dimension }: Limit): Generator<RoutingInput> {
  const start = twoBaselines();
  yield start;
  for (const flag of pathsTo(start, 'boolean').filter(([name]) => name === dimension)) {
    const input = withValue(start, flag, !valueAt(start, flag));
    if (input) yield input;
  }
  const corpus = corpusOf(3);
  const engine = createEngine(wasm, data);
  for (let i = 0; i < 5000; i++) {
    const input = corpus.at(i);
    const { findings } = (engine.evaluate(input) as [{ result: Answer }])[0].result;
    if (findings.some((finding) => finding.code === code)) yield input;
  }
}

const BY_COMPARISON: Record<string, Pattern> = {
  gt: [false, false, true],
  gte: [false, true, true],
  lt: [true, false, false],
  lte: [true, true, false],
};

type Node = { type?: string; value?: unknown; terms?: unknown; location?: { row: number; text: string } };

/** The comparison with the limit as the rule's own source says it; undefined when it is made in a helper. */
function comparisonOf(house: HouseInput, { code, path }: Limit): string | undefined {
  for (const { ast } of house.modules) {
    const module = ast as {
      annotations?: { custom?: { code?: string }; location: { row: number; text: string } }[];
      rules: Node[];
    };
    const words = module.annotations?.find(({ custom }) => custom?.code === code);
    if (!words) continue;
    const row = words.location.row + Buffer.from(words.location.text, 'base64').toString().split('\n').length;
    const rule = module.rules.find(({ location }) => location?.row === row);
    const made: { name: string; text: string }[] = [];
    JSON.stringify(rule, (_, node: Node) => {
      const [call] = Array.isArray(node?.terms) ? (node.terms as { value?: { value?: string }[] }[]) : [];
      const name = call?.value?.[0]?.value ?? '';
      if (name in BY_COMPARISON) made.push({ name, text: JSON.stringify((node.terms as unknown[])[2]) });
      return node;
    });
    const own = made.length === 1 ? made : made.filter(({ text }) => text.includes(`"${path.at(-1)}"`));
    return own.length === 1 ? own[0]?.name : undefined;
  }
  return undefined;
}

describe('R34 R35 exact at each number of the data', () => {
  let house: HouseInput;
  beforeAll(async () => {
    house = await houseInput(data);
  });

  it('every limit is the threshold of a rule', () => {
    const named = new Set(LIMITS.map(({ path }) => path.join('/')));
    const limits = integers.filter(([root]) => root === 'limits').map((path) => path.join('/'));
    expect(limits.length).toBeGreaterThan(10);
    expect(limits.filter((path) => !named.has(path))).toEqual([]);
  });

  it.each(LIMITS.map((limit) => [`${limit.code} at ${limit.path.join('.')} = ${limit.value}`, limit] as const))(
    '%s',
    (_, limit) => {
      const comparison = comparisonOf(house, limit);
      // At the number that is in force, and at another: the rule follows the data.
      for (const value of [otherThan(limit.value), limit.value]) {
        const patterns = patternsOf(limit, value, basesFor(limit));
        expect(patterns.size, `no input was found on which ${limit.code} looks at this limit`).toBeGreaterThan(0);
        for (const [pointer, pattern] of patterns) {
          const allowed = comparison === undefined ? Object.values(BY_COMPARISON) : [BY_COMPARISON[comparison]];
          expect(
            allowed,
            `${limit.code} (${comparison ?? 'compared in a helper'}) around ${value} at ${pointer}`,
          ).toContainEqual(pattern);
        }
      }
    },
  );
});
