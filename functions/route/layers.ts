// The layers of a pack's data: organisation, tier, model; and the waivers, which alone may lower. Rego merges them
// (promotion.layers); here they are judged before anything is decided by them, and told to people.
import { z } from 'zod';
import { type Layer, Layers, layer, layersOf } from '../domain/layers.ts';
import { pointerOf } from '../domain/result.ts';
import { PATHS, Path } from '../domain/routing.ts';
import { isLooser, joined, loosened, type TighterTree, wayAt } from './tighter.ts';

type Part = Readonly<Record<string, unknown>>;

export const LONGEST_WAIVER_DAYS = 366;

const Waiver = z.looseObject({
  id: z.string(),
  line: z.string(),
  from_day: z.int(),
  expires_day: z.int(),
  code: z.string().optional(),
  min_path: Path.optional(),
  limits: z.record(z.string(), z.unknown()).optional(),
});
type Waiver = z.infer<typeof Waiver>;

/** What is read of a pack's data here. All of it may be missing: packs of before had no layers. */
export const LayeredData = Layers.extend({
  tighter: z.custom<TighterTree>((value) => typeof value === 'object').default({}),
  floors: z
    .looseObject({ codes: z.record(z.string(), Path), limits: z.record(z.string(), z.unknown()) })
    .default({ codes: {}, limits: {} }),
  waivers: z.array(Waiver).default([]),
});
export type LayeredData = z.infer<typeof LayeredData>;

/** Every layer below the organisation. */
export const lowerLayers = ({ tiers, models }: LayeredData): Layer[] => [
  ...Object.keys(tiers).flatMap((name) => layer('tier', name, tiers)),
  ...Object.keys(models).flatMap((name) => layer('model', name, models)),
];

/** The fewest days that a request of this line may wait on a path. */
export function expiresAfterDays(data: LayeredData, line: string, path: Path): number | undefined {
  const days = layersOf(data, line).map(({ part }) => at(part, ['paths', path, 'expires_after_days']));
  const known = days.filter((one) => typeof one === 'number');
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** What is wrong, by the place in the data: a folder of layers, a pointer into it, and the rule that it breaks. */
export type LayerProblem = {
  readonly folder: string;
  readonly pointer: string;
  readonly rule: string;
  readonly message: string;
};

/** Everything about layers and waivers that no schema of a single file can say. Empty: it may decide. */
export const layerProblems = (data: LayeredData): LayerProblem[] => [...loose(data), ...wrongWaivers(data)];

function loose(data: LayeredData): LayerProblem[] {
  return lowerLayers(data).flatMap(({ name, folder, part }) => {
    const line = name.replace(/^model /, '');
    // A model is held against its tier as well.
    const above = name.startsWith('model ') ? layersOf(data, line).slice(0, -1) : [{ part: data as Part }];
    const upper = above.map((one) => one.part).reduce((all, one) => joined(all, one, data.tighter) as Part);
    return loosened(upper, part, data.tighter).map((one) => ({ ...one, folder, rule: 'layer' }));
  });
}

function wrongWaivers(data: LayeredData): LayerProblem[] {
  return data.waivers.flatMap((waiver, i) => {
    const told = (key: string, message: string) => [
      { folder: 'data', pointer: `/waivers/${i}${key}`, rule: 'waiver', message },
    ];
    const overlaps = data.waivers.slice(0, i).find((other) => sameSubject(other, waiver) && together(other, waiver));
    return [
      ...(Object.hasOwn(data.lines, waiver.line) ? [] : told('/line', 'no such line is registered')),
      ...(data.waivers.findIndex(({ id }) => id === waiver.id) < i ? told('/id', 'another waiver has this id') : []),
      ...(waiver.expires_day - waiver.from_day < LONGEST_WAIVER_DAYS
        ? []
        : told('/expires_day', `at most ${LONGEST_WAIVER_DAYS} days: renew it instead`)),
      ...(overlaps ? told('', `says the same as ${overlaps.id} on some days: one waiver at a time`) : []),
      ...beyondFloor(data, waiver).flatMap(([key, message]) => told(key, message)),
    ];
  });
}

const sameSubject = (a: Waiver, b: Waiver): boolean =>
  a.line === b.line &&
  (a.limits && b.limits ? pathsIn(a.limits).some((path) => at(b.limits, path) !== undefined) : a.code === b.code);
const together = (a: Waiver, b: Waiver) => a.from_day <= b.expires_day && b.from_day <= a.expires_day;

/** Rego takes whatever of the two a waiver says, so each is held against its floor. */
function beyondFloor(data: LayeredData, { code, min_path, limits }: Waiver): [string, string][] {
  const { floors, tighter } = data;
  const beyond = limits ? pathsIn(limits).flatMap((path) => beyondLimit(floors.limits, limits, tighter, path)) : [];
  const ofRule = code !== undefined || min_path !== undefined || limits === undefined;
  return ofRule ? [...beyond, ...beyondRule(data, code, min_path)] : beyond;
}

function beyondRule({ floors }: LayeredData, code: string | undefined, min_path: Path | undefined): [string, string][] {
  if (code === undefined || min_path === undefined) return [['', 'waives neither a rule nor a limit']];
  const floor = floors.codes[code];
  if (floor === undefined) return [['/code', 'this rule may not be waived: it has no floor in /floors/codes']];
  const beyond = PATHS.indexOf(min_path) < PATHS.indexOf(floor);
  return beyond ? [['/min_path', `${min_path} is below the floor, ${floor}`]] : [];
}

/** `limits` goes past the floor at this place, or there is none. */
export function beyondLimit(floors: Part, limits: Part, tighter: TighterTree, path: readonly string[]): [string, string][] {
  const [floor, value] = [at(floors, path), at(limits, path)];
  const pointer = pointerOf(['limits', ...path]);
  if (floor === undefined) return [[pointer, 'this limit may not be waived: it has no floor in /floors/limits']];
  return isLooser(floor, value, wayAt(tighter, ['limits', ...path]))
    ? [[pointer, `${value} is beyond the floor, ${floor}`]]
    : [];
}

/** Where the figures of a part stand. */
export const pathsIn = (part: unknown, path: readonly string[] = []): string[][] =>
  typeof part !== 'object' || part === null
    ? [[...path]]
    : Object.entries(part).flatMap(([key, inner]) => pathsIn(inner, [...path, key]));

export const at = (root: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (here, key) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, key)
        ? (here as Record<string, unknown>)[key]
        : undefined,
    root,
  );

/** The waivers of a line that are in force on a day. */
export const waiversOn = (data: LayeredData, line: string, day: number): Waiver[] =>
  data.waivers.filter((one) => one.line === line && one.from_day <= day && day <= one.expires_day);
