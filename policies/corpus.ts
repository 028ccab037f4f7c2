// Routing inputs to try two engines on: valid by the schema, near the numbers of the data, each made again from seed and place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RoutingInput, routingInputSchema } from '../functions/route/input.ts';
import { POLICIES } from './tools/run.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = {
  type?: string | string[];
  const?: Json;
  enum?: Json[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: string;
};

/** Chance that can be had again: the same seed gives the same numbers (mulberry32, public domain). */
class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  /** An integer from 0 to below `n`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * n);
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

/** What values are made of: what stands in the data and in the inputs to start from, and what is always worth trying. */
type Stock = {
  readonly limits: readonly number[];
  readonly numbers: readonly number[];
  readonly words: readonly string[];
  readonly texts: readonly string[];
  readonly lines: readonly string[];
};

const EXTREMES = [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1_000_000];
const ODD_TEXTS = ['', 'ä', '/~0', '__proto__', 'a'.repeat(300), '\u0000', '😀', 'no-incumbent'];

function leaves(value: Json, into: { numbers: Set<number>; texts: Set<string> }): void {
  if (typeof value === 'number') for (const near of [value - 1, value, value + 1]) into.numbers.add(near);
  else if (typeof value === 'string') into.texts.add(value);
  else if (value !== null && typeof value === 'object') for (const below of Object.values(value)) leaves(below, into);
}

const isRecord = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schemas that a value may have: `type: [boolean, null]` is two, as `anyOf` is. */
const branches = (schema: Schema): Schema[] =>
  schema.anyOf ?? (Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema]);

const branchFor = (schema: Schema, value: Json): Schema =>
  branches(schema).find((branch) => (branch.type === 'null') === (value === null)) ?? schema;

/** A value of the schema: small, and often null where null is allowed. */
function make(any: Schema, stock: Stock, chance: Chance): Json {
  const schema = chance.of(branches(any));
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return chance.of(schema.enum);
  if (schema.type === 'null') return null;
  if (schema.type === 'boolean') return chance.below(2) === 1;
  if (schema.type === 'integer') {
    const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
    return Math.min(maximum, Math.max(minimum, chance.of(chance.of([EXTREMES, stock.numbers, stock.limits, stock.limits]))));
  }
  if (schema.type === 'string')
    return chance.of(schema.pattern ? stock.lines : chance.of([stock.words, stock.texts])).slice(0, schema.maxLength);
  if (schema.type === 'array') {
    return Array.from({ length: chance.below(4) }, () => make(schema.items ?? {}, stock, chance));
  }
  const entries = Object.entries(schema.properties ?? {});
  const kept = entries.filter(([key]) => schema.required?.includes(key) || chance.below(2) === 1);
  return Object.fromEntries(kept.map(([key, below]) => [key, make(below, stock, chance)]));
}

type Place = { readonly within: Json[] | Record<string, Json>; readonly key: number | string; readonly schema: Schema };

function placesOf(value: Json, schema: Schema, found: Place[]): Place[] {
  const { items, properties } = branchFor(schema, value);
  if (Array.isArray(value) && items) {
    value.forEach((below, key) => {
      found.push({ within: value, key, schema: items });
      placesOf(below, items, found);
    });
  } else if (isRecord(value) && properties) {
    for (const [key, below] of Object.entries(value)) {
      const of = properties[key];
      if (!of) continue;
      found.push({ within: value, key, schema: of });
      placesOf(below, of, found);
    }
  }
  return found;
}

/** One change at one place: another value, a list one longer or shorter, or a last human-approved side of its own. */
function change(input: Record<string, Json>, schema: Schema, stock: Stock, chance: Chance): void {
  // Dimensions first, so that one with long lists does not get all the changes.
  const name = chance.of(Object.keys(input));
  const dimension: Place = { within: input, key: name, schema: schema.properties?.[name] ?? {} };
  const value = input[name] as Json;
  const against = isRecord(value) ? value['against'] : undefined;
  if (isRecord(against) && chance.below(10) === 0) {
    against['lastHumanApproved'] = structuredClone(against['incumbent'] as Json);
    return;
  }
  const below = placesOf(value, dimension.schema, []);
  const places = below.length > 0 ? below : [dimension];
  const figures = places.filter(({ schema: at }) => branches(at).some(({ type }) => type === 'integer'));
  // Half of all changes move a figure: there are fewer of them than of texts, and more rules about them.
  const { within, key, schema: of } = chance.of(figures.length > 0 && chance.below(2) === 1 ? figures : places);
  const here = (within as Record<string, Json>)[key] as Json;
  if (Array.isArray(here) && chance.below(2) === 1) {
    if (here.length > 0 && chance.below(2) === 1) here.splice(chance.below(here.length), 1);
    else here.push(make(branchFor(of, here).items ?? {}, stock, chance));
    return;
  }
  (within as Record<string, Json>)[key] = make(of, stock, chance);
}

export type Corpus = {
  /** The i-th input of a seed, whatever was asked for before. */
  readonly at: (i: number) => RoutingInput;
};

/** The words that rules compare with, such as the names of metrics and kinds. */
const wordsOfRules = (): string[] =>
  readdirSync(join(POLICIES, 'promotion'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'))
    .flatMap((name) => [...readFileSync(join(POLICIES, 'promotion', name), 'utf8').matchAll(/"([a-zA-Z_]+)"/g)])
    .map(([, word = '']) => word);

const read = (path: string): Json => JSON.parse(readFileSync(join(POLICIES, path), 'utf8')) as Json;

/** The committed inputs that the Rego tests start from. */
export const fixtures = (): RoutingInput[] =>
  Object.values((read('fixtures/inputs.json') as { fixtures: Record<string, Json> }).fixtures).map((input) =>
    RoutingInput.parse(input),
  );

function stockOf(bases: readonly RoutingInput[]): Stock {
  const data = read('dist/data.json') as { lines?: Record<string, Json> };
  const { lines = {}, ...rest } = data;
  const ofData = { numbers: new Set<number>(), texts: new Set<string>() };
  leaves(rest as Json, ofData);
  const ofInputs = { numbers: new Set<number>(), texts: new Set(ODD_TEXTS) };
  for (const base of bases) leaves(base as Json, ofInputs);
  return {
    limits: [...ofData.numbers].filter(Number.isSafeInteger),
    numbers: [...ofInputs.numbers],
    words: [...new Set([...ofData.texts, ...wordsOfRules()])],
    texts: [...ofInputs.texts],
    lines: ['unheard-of', ...Object.keys(lines).slice(0, 4), 'sandbox', 'production'],
  };
}

/** Starts from the committed inputs and those given, and changes up to eight things in one. */
export function corpusOf(seed: number, more: readonly RoutingInput[] = []): Corpus {
  const schema = routingInputSchema() as Schema;
  const bases = [...fixtures(), ...more];
  const stock = stockOf(bases);
  return {
    at: (i) => {
      const chance = new Chance(Math.imul(seed, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b));
      // Clear ones most often: from there a single change shows.
      const input = structuredClone(chance.below(2) === 1 ? bases[0] : chance.of(bases)) as Record<string, Json>;
      const changes = chance.below(4) === 0 ? chance.below(9) : 1 + chance.below(2);
      for (let k = 0; k < changes; k++) change(input, schema, stock, chance);
      return RoutingInput.parse(input);
    },
  };
}

/**
 * Figures at each number of the data, one above it, and null: where rules begin and cease to fire. Of lists the first two and the
 * last two entries; shares in millionths meet numbers of that size, counts and days the others.
 */
export function* sweep(numbers: readonly number[]): Generator<RoutingInput> {
  const base = twoBaselines() as unknown as Json;
  for (const path of pathsTo(base, 'number')) {
    const ppm = path.at(-1)?.endsWith('_ppm');
    const values = numbers.filter((number) => ppm === number > 1000).flatMap((number) => [number, number + 1]);
    for (const value of [null, ...values]) {
      const input = withValue(base, path, value);
      if (input) yield input;
    }
  }
}

/** Where figures or flags stand; of a list the first three entries and the last two. */
export function pathsTo(value: unknown, type: 'number' | 'boolean', path: readonly string[] = []): string[][] {
  if (typeof value === type) return [[...path]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter((_, i, all) => !Array.isArray(value) || i < 3 || i >= all.length - 2)
    .flatMap(([key, below]) => pathsTo(below, type, [...path, key]));
}

/** A copy with one value changed; undefined when the schema refuses it. */
export function withValue(base: unknown, path: readonly string[], value: Json): RoutingInput | undefined {
  const input = structuredClone(base) as Json;
  let within = input as Record<string, Json>;
  for (const key of path.slice(0, -1)) within = within[key] as Record<string, Json>;
  within[path.at(-1) ?? ''] = value;
  return RoutingInput.safeParse(input).data;
}

/** The clear input, with a last human-approved version other than the incumbent. */
export function twoBaselines(): RoutingInput {
  const input = structuredClone(fixtures()[0]) as unknown as Record<string, Json>;
  for (const value of Object.values(input)) {
    const against = isRecord(value) ? value['against'] : undefined;
    if (isRecord(against)) against['lastHumanApproved'] = structuredClone(against['incumbent'] as Json);
  }
  return RoutingInput.parse(input);
}

/** Each list of the input in turn with so many entries, or as many as it may have: what a decision costs at most. */
export function* filled(count: number): Generator<{ readonly list: string; readonly input: RoutingInput }> {
  const schema = routingInputSchema() as Schema;
  const chance = new Chance(count);
  const stock = stockOf(fixtures());
  const lists = placesOf(twoBaselines() as Json, schema, []).length;
  for (let i = 0; i < lists; i++) {
    const input = twoBaselines() as Json;
    const place = placesOf(input, schema, [])[i];
    const here = place && (place.within as Record<string, Json>)[place.key];
    if (!place || !Array.isArray(here)) continue;
    const { items = {}, maxItems = count } = branchFor(place.schema, here);
    here.length = 0;
    for (let n = 0; n < Math.min(count, maxItems); n++) here.push(make(items, stock, chance));
    yield { list: String(place.key), input: RoutingInput.parse(input) };
  }
}
