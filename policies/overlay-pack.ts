// A pack under an overlay, from the pack's own files alone: same rules, same module, other numbers. Needs no compiler, so a
// dispute can ask what a preset would have said about any pack that was ever sealed.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { Sources } from '../functions/domain/release.ts';
import { Rulebook } from '../functions/route/rulebook.ts';
import { type DataFiles, readDataFiles, sayProblem } from './data-files.ts';
import { judgedOverlay, overlaid } from './overlay.ts';
import { figuresIn } from './rulebook.ts';
import { packed } from './sources.ts';
import { POLICIES } from './tools/run.ts';

const FOLDERS = { presets: join(POLICIES, 'presets'), overlays: join(POLICIES, 'overlays') };

/** What comes with this version: three presets, and two worked overlays. */
export const shippedOverlays = (): { where: string; files: DataFiles }[] =>
  Object.entries(FOLDERS).flatMap(([kind, folder]) =>
    readdirSync(folder).map((name) => ({ where: `policies/${kind}/${name}`, files: readDataFiles(join(folder, name)) })),
  );

export const preset = (name: string): DataFiles => readDataFiles(join(FOLDERS.presets, name));

type PackFiles = ReadonlyMap<string, Uint8Array>;
const Manifest = z.looseObject({ opa: z.string() });

/** Throws when the overlay does not fit the pack's data. Undefined: the pack is from before layers, and its rules cannot read them. */
export function overlaidPack(pack: PackFiles, overlay: DataFiles, where: string): Map<string, Uint8Array> | undefined {
  const part = (name: string) => pack.get(name) ?? new Uint8Array();
  const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(part(name)));
  const sources = Sources.parse(json('sources.json'));
  const { rules } = Rulebook.parse(json('rulebook.json'));
  const base = new Map(
    Object.entries(sources.files).flatMap(([path, text]) =>
      /^data\/.*\.json$/.test(path) ? [[path.slice('data/'.length), text]] : [],
    ),
  );
  if (!base.has('min_paths.json')) return undefined;
  const { data, problems } = judgedOverlay(base, overlay, new Map(rules.map((rule) => [rule.code, rule.min_path])), where);
  if (data === undefined) throw new Error(problems.map(sayProblem).join('\n'));
  const changed = [...overlaid(base, overlay)].map(([name, text]) => [`data/${name}`, text] as const);
  const files = Object.fromEntries([...Object.entries(sources.files), ...changed].sort(([a], [b]) => (a < b ? -1 : 1)));
  return packed(
    {
      'capabilities.json': part('capabilities.json'),
      'data.json': canonicalBytes(data),
      'policy.wasm': part('policy.wasm'),
      'rulebook.json': canonicalBytes({
        schema: 'rulebook/v0',
        rules: rules.map((rule) => ({ ...rule, ...figuresIn(rule, data) })),
      }),
      'sources.json': canonicalBytes({ ...sources, files }),
    },
    Manifest.parse(json('manifest.json')).opa,
  );
}
