// Data of one's own over data that are there: the presets, and the worked overlays of a lender and an insurer. An overlay is a
// folder laid out like policies/data, with the file overlay.json that says what it is.
import { z } from 'zod';
import { Label, Name, prose } from '../functions/domain/text.ts';
import { dataDirections } from '../functions/route/data.ts';
import { at, beyondLimit, pathsIn } from '../functions/route/layers.ts';
import { clamped, isLooser, joined, loosened, wayAt } from '../functions/route/tighter.ts';
import { type DataFiles, type Judged, judgedData, parsedFile, placed } from './data-files.ts';
import type { Problem } from './house.ts';

const OVERLAY = 'overlay.json';

/** `only_raises`: nobody is asked for less under it, whatever it is laid over. `drops_waivers`: it knows no exceptions. */
const Overlay = z.strictObject({
  name: Name,
  title: Label,
  says: prose(20, 1000),
  only_raises: z.boolean(),
  drops_waivers: z.boolean(),
});

const overlayOf = (files: DataFiles) => Overlay.parse(JSON.parse(files.get(OVERLAY) ?? '{}'));

type Part = Readonly<Record<string, unknown>>;
const json = (text: string | undefined): Part => JSON.parse(text ?? '{}') as Part;
const own = (files: DataFiles) => [...files].filter(([name]) => name !== OVERLAY);

/** `tiers/high/limits.json` is held against the organisation's limits.json; a model's against its tier's as well. */
function aboveOf(name: string, files: DataFiles): Part {
  const [kind, of = '', file = ''] = name.split('/');
  const organisation = json(files.get(file));
  if (kind !== 'models') return organisation;
  const { lines = {} } = json(files.get('lines.json')) as { lines?: Record<string, { tier: string }> };
  const tier = json(files.get(`tiers/${lines[of]?.tier}/${file}`));
  return joined(organisation, tier, dataDirections()) as Part;
}

const isLower = (name: string): boolean => name.includes('/');

/** The data files with the overlay in them. What stood below and would now be looser is as tight as what stands above it. */
export function overlaid(base: DataFiles, overlay: DataFiles): Map<string, string> {
  const { only_raises, drops_waivers } = overlayOf(overlay);
  const tree = dataDirections();
  const result = new Map(base);
  const put = (name: string, value: unknown) => result.set(name, `${JSON.stringify(value, null, 2)}\n`);
  if (drops_waivers) put('waivers.json', { ...json(base.get('waivers.json')), waivers: [] });
  for (const [name, text] of own(overlay)) {
    const before = json(result.get(name));
    const after = json(text);
    const waivers = [before['waivers'], after['waivers']].flatMap((list) => (Array.isArray(list) ? list : []));
    if (name === 'waivers.json') put(name, { ...before, waivers });
    else put(name, joined(before, after, tree, !only_raises));
  }
  // Tiers before models, which stand below them.
  for (const name of [...result.keys()].filter(isLower).sort().reverse()) {
    put(name, clamped(aboveOf(name, result), json(result.get(name)), tree));
  }
  return result;
}

/** Everything wrong with an overlay over these data: each file, what it may not lower, and the data that come of it. */
export function judgedOverlay(base: DataFiles, overlay: DataFiles, paths: ReadonlyMap<string, string>, where: string): Judged {
  const said = Overlay.safeParse(json(overlay.get(OVERLAY)));
  if (!said.success) {
    const told = said.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
    return {
      data: undefined,
      problems: told.map((message) => ({ file: `${where}/${OVERLAY}`, row: 1, rule: 'data', message })),
    };
  }
  const files = own(overlay);
  const unreadable = files.flatMap(([name, text]) => parsedFile(name, text, `${where}/${name}`, 'overlay').problems);
  if (unreadable.length > 0) return { data: undefined, problems: unreadable };
  const result = overlaid(base, overlay);
  const lowering = files.flatMap(([name, text]) =>
    loweringProblems(name, text, { base, result, raises: said.data.only_raises, where }),
  );
  if (lowering.length > 0) return { data: undefined, problems: lowering };
  return judgedData(result, paths, where);
}

type Over = { readonly base: DataFiles; readonly result: DataFiles; readonly raises: boolean; readonly where: string };

function loweringProblems(name: string, text: string, { base, result, raises, where }: Over): Problem[] {
  const tree = dataDirections();
  const part = json(text);
  if (name === 'waivers.json') return []; // held against the floors with all the others
  const told = (pointer: string, message: string) => placed(text, `${where}/${name}`, 'overlay', pointer, message);
  if (isLower(name)) return loosened(aboveOf(name, result), part, tree).map(({ pointer, message }) => told(pointer, message));
  const before = json(base.get(name));
  if (raises || name !== 'limits.json') {
    return loosened(before, part, tree).map(({ pointer, message }) => told(pointer, message));
  }
  // The organisation itself may set other limits, as far as it would waive them.
  const { floors } = json(base.get('waivers.json')) as { floors: { limits: Part } };
  const limits = part['limits'] as Part;
  return pathsIn(limits)
    .filter((path) => isLooser(at(before, ['limits', ...path]), at(limits, path), wayAt(tree, ['limits', ...path])))
    .flatMap((path) => beyondLimit(floors.limits, limits, tree, path))
    .map(([pointer, message]) => told(pointer, message));
}
