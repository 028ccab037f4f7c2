// From a rule's `threshold` to the figures it means: the value, the file that model risk edits, the pointer into it, and the
// layers that have one of their own.
import { canonicalDigest } from '../domain/canonical.ts';
import { type Layer, layersOf } from '../domain/layers.ts';
import { pointerOf } from '../domain/result.ts';
import { DATA_FILES } from './data.ts';
import { LayeredData, lowerLayers, waiversOn } from './layers.ts';
import type { RaisedPath, Rule, RuleFigure } from './rulebook.ts';

type At = { readonly path: readonly string[]; readonly value: unknown };

/** The organisation's figure and those of every layer that says another. Empty: the reference leads nowhere; a build refuses that. */
export function figuresOf(threshold: string | undefined, data: object): RuleFigure[] {
  const names = threshold?.split('.') ?? [];
  const lower = lowerLayers(LayeredData.parse(data)).flatMap((layer) => figuresOfLayer(names, layer));
  return [...figuresAt(names, data), ...lower];
}

const figuresOfLayer = (names: readonly string[], { name, folder, part }: Layer): RuleFigure[] =>
  figuresAt(names, part, folder).map((figure) => ({ ...figure, layer: name }));

/** The figures in force for a line on a day: of each place only the last layer that says something, waivers last. */
export function effectiveFigures(names: readonly string[], data: object, line: string, day: number): RuleFigure[] {
  const layered = LayeredData.parse(data);
  const waived = waiversOn(layered, line, day).flatMap(({ id, limits }) =>
    limits ? singles(names, { limits }).map((one) => ({ ...one, file: 'data/waivers.json', layer: `waiver ${id}` })) : [],
  );
  const ofLayers = layersOf(layered, line).flatMap(({ name, folder, part }) =>
    singles(names, part, folder).map((one) => ({ ...one, layer: name })),
  );
  return [...new Map([...ofLayers, ...waived].map((one) => [one.pointer, one])).values()];
}

/** One figure for each key where the reference leads to a register of them. */
function singles(names: readonly string[], part: object, folder?: string): RuleFigure[] {
  return figuresAt(names, part, folder).flatMap((figure) => {
    if (typeof figure.value !== 'object' || figure.value === null) return [figure];
    return Object.keys(figure.value).flatMap((key) => figuresAt([...names, key], part, folder));
  });
}

/** Where the data ask for more people than the rule itself. */
export function raisedPaths({ code, min_path }: Pick<Rule, 'code' | 'min_path'>, data: object): RaisedPath[] {
  const layered = LayeredData.parse(data);
  const layers: Layer[] = [{ name: 'organisation', folder: 'data', part: layered }, ...lowerLayers(layered)];
  return layers.flatMap(({ name, folder, part }) => {
    const raised = (part['min_paths'] ?? {}) as Record<string, RaisedPath['path']>;
    return [code, min_path].flatMap((key) => {
      const path = raised[key];
      return path === undefined ? [] : [{ layer: name, file: `${folder}/min_paths.json`, path }];
    });
  });
}

/** The same for keys that may hold dots. */
function figuresAt(names: readonly string[], data: object, folder = 'data'): RuleFigure[] {
  if (names.length === 0) return [];
  const found = names.reduce<At[]>((reached, name) => reached.flatMap((at) => below(at, name)), [{ path: [], value: data }]);
  const [first, ...rest] = found;
  if (first === undefined) return [];
  const same = rest.every((at) => canonicalDigest(at.value) === canonicalDigest(first.value));
  return (same && rest.length > 0 ? [{ path: names, value: first.value }] : found).map((at) => figureAt(at, folder));
}

function below({ path, value }: At, name: string): At[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => name === '*' || key === name)
    .map(([key, inner]) => ({ path: [...path, key], value: inner }));
}

const figureAt = ({ path, value }: At, folder: string): RuleFigure => ({
  file: `${folder}/${fileOf(path[0] ?? '')}.json`,
  pointer: pointerOf(path),
  value: value as RuleFigure['value'],
});

/** Each file of the data holds its own top-level keys. */
const fileOf = (key: string): string =>
  Object.entries(DATA_FILES).find(([, schema]) => Object.hasOwn(schema.shape, key))?.[0] ?? key;
