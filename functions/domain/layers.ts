// Who decides for a line: its own committees, and those that its tier and the organisation add (R50, R51, R65). Rego joins them
// in promotion.layers; what stands here is for what no rule is asked about: engine trouble, archives, who may see a line.
import { z } from 'zod';
import { Committee, HumanPath, type ModelLine } from './line.ts';
import type { Decision } from './routing.ts';

type Part = Readonly<Record<string, unknown>>;
const Parts = z.record(z.string(), z.record(z.string(), z.unknown()));

/** What is read of a pack's data here. All of it may be missing: a pack need not have layers. */
export const Layers = z.looseObject({
  tiers: Parts.default({}),
  models: Parts.default({}),
  lines: z.record(z.string(), z.looseObject({ tier: z.string().optional() })).default({}),
});
export type Layers = z.infer<typeof Layers>;

/** One layer, from the organisation down. `folder`: where its files are, under policies/. */
export type Layer = { readonly name: string; readonly folder: string; readonly part: Part };

/** What can have a say about a line; the last one that says something is in force. */
export function layersOf(data: Layers, line: string): Layer[] {
  const tier = data.lines[line]?.tier;
  return [
    { name: 'organisation', folder: 'data', part: data },
    ...(tier === undefined ? [] : layer('tier', tier, data.tiers)),
    ...layer('model', line, data.models),
  ];
}

export const layer = (kind: 'tier' | 'model', name: string, parts: Layers['tiers']): Layer[] => {
  const part = parts[name];
  return part ? [{ name: `${kind} ${name}`, folder: `data/${kind}s/${name}`, part }] : [];
};

/** Every seat group that decides for a line. Named by two layers, it is one group with the larger number of people. */
export function committeesOf(data: Layers, line: string): Committee[] {
  const stated = [data.lines[line], ...layersOf(data, line).map(({ part }) => part)];
  const named = stated.flatMap((part) => z.array(Committee).catch([]).parse(part?.['committees']));
  const same = (a: Committee) => (b: Committee) => a.path === b.path && a.committee === b.committee && a.role === b.role;
  return named
    .filter((one, i) => named.findIndex(same(one)) === i)
    .map((one) => ({ ...one, min: Math.max(...named.filter(same(one)).map(({ min }) => min)) }));
}

const PathDuties = z.object({
  step_up_minutes: z.int().min(1).optional(),
  respond_within_hours: z.int().min(1).optional(),
  escalate_to: z.array(z.string()).default([]),
});

/** What people must keep to on a path of this line, as promotion.obligations says it. */
export function dutiesOf(data: Layers, line: string, path: HumanPath): Pick<Decision, 'stepUpMinutes' | 'sla'> {
  const stated = layersOf(data, line).flatMap(({ part }) => {
    const paths = z.record(z.string(), z.unknown()).safeParse(part['paths']);
    const own = paths.success ? PathDuties.safeParse(paths.data[path]) : undefined;
    return own?.success ? [own.data] : [];
  });
  const least = (numbers: readonly (number | undefined)[]) =>
    numbers.reduce((all, one) => (all === undefined || (one !== undefined && one < all) ? one : all), undefined);
  const stepUpMinutes = least(stated.map((one) => one.step_up_minutes));
  const hours = least(stated.map((one) => one.respond_within_hours));
  const escalateTo = [...new Set(stated.flatMap((one) => one.escalate_to))].sort();
  return {
    ...(stepUpMinutes === undefined ? {} : { stepUpMinutes }),
    ...(hours === undefined ? {} : { sla: { respondWithinHours: hours, escalateTo } }),
  };
}

/** Whose people end a version of this line without a successor. Where no layer says so: the committee. */
export function archivePathOf(data: Layers, { line }: Pick<ModelLine, 'line'>): HumanPath {
  const said = layersOf(data, line).flatMap(({ part }) => {
    const parsed = HumanPath.safeParse(part['archive']);
    return parsed.success ? [parsed.data] : [];
  });
  return said.length === 0 || said.includes('committee') ? 'committee' : 'reviewer';
}
