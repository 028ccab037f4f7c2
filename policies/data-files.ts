// The files of policies/data: read, held against their schemas and against each other. Everything that is wrong is told at once,
// by file, line, pointer and rule; the build, the check and an author's try all ask here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { parseBytes } from '../functions/domain/parse.ts';
import { PATHS } from '../functions/domain/routing.ts';
import { DATA_FILES, dataDirections, LAYER_FILES, OVERLAY_FILES } from '../functions/route/data.ts';
import { LayeredData, layerProblems } from '../functions/route/layers.ts';
import type { Problem } from './house.ts';

/** By name below the folder: limits.json, tiers/high/limits.json, models/<line>/paths.json. */
export type DataFiles = ReadonlyMap<string, string>;

export function readDataFiles(folder: string): DataFiles {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const found = names.filter((name) => name.endsWith('.json')).map((name) => name.replaceAll('\\', '/'));
  return new Map(found.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** `data`: what the pack holds, when nothing is wrong. */
export type Judged = { readonly data: object | undefined; readonly problems: readonly Problem[] };

const LIMITS = { maxBytes: 8 * 1024 * 1024, maxDepth: 64 };
const LAYER_NAME = /^(tiers|models)\/([^/]+)\/([^/]+)\.json$/;
const TIERS = ['high', 'medium', 'low'];

/** `paths`: what each rule of the policies asks for, so that data speak of rules that exist and only raise them. */
export function judgedData(files: DataFiles, paths: ReadonlyMap<string, string>, at = 'policies/data'): Judged {
  const parsed = [...files].map(([name, text]) => ({ name, ...parsedFile(name, text, `${at}/${name}`) }));
  const missing = Object.keys(DATA_FILES)
    .filter((name) => !files.has(`${name}.json`))
    .map((name) => wrong(`${at}/${name}.json`, 'data', 'the file is missing'));
  const problems = [...missing, ...parsed.flatMap((file) => file.problems)];
  if (problems.length > 0) return { data: undefined, problems };
  const data = assembled(new Map(parsed.map(({ name, value }) => [name, value as object])));
  const between = [...betweenFiles(files, data, at), ...ruleProblems(files, paths, at)];
  return { data: between.length > 0 ? undefined : data, problems: between };
}

const wrong = (file: string, rule: string, message: string, row = 1): Problem => ({ file, row, rule, message });

/** One file against its schema. */
export function parsedFile(
  name: string,
  text: string,
  file: string,
  kindOfFolder?: 'overlay',
): { value?: unknown; problems: Problem[] } {
  const [, kind, of = '', inner = ''] = LAYER_NAME.exec(name) ?? [];
  const known: Readonly<Record<string, unknown>> =
    kind !== undefined ? LAYER_FILES : kindOfFolder === 'overlay' ? OVERLAY_FILES : DATA_FILES;
  const key = kind === undefined ? name.replace(/\.json$/, '') : inner;
  if (kind === 'tiers' && !TIERS.includes(of)) return { problems: [wrong(file, 'tier', `no such tier: ${TIERS.join(', ')}`)] };
  if (!Object.hasOwn(known, key)) {
    const alone = known !== DATA_FILES && Object.hasOwn(DATA_FILES, key);
    const message = alone
      ? 'this file is the organisation’s alone'
      : 'no schema has this name: add one in functions/route/data.ts';
    return { problems: [wrong(file, 'data', message)] };
  }
  const result = parseBytes(known[key] as (typeof DATA_FILES)['limits'], new TextEncoder().encode(text), LIMITS);
  if (result.ok) return { value: result.value, problems: [] };
  const told = result.problems.map(({ pointer, detail, code }) =>
    placed(text, file, 'data', pointer, `${hinted(code, detail)} (${code})`),
  );
  return { problems: told };
}

const hinted = (code: string, detail: string) =>
  code === 'UNKNOWN_KEY' ? `${detail}; a new number needs its line in functions/route/data.ts` : detail;

export function placed(text: string, file: string, rule: string, pointer: string, message: string): Problem {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  // Of a text that is no JSON, or too large to be read, no place can be told.
  const root = text.length <= LIMITS.maxBytes && keys.length > 0 ? parseTree(text) : undefined;
  const row = text.slice(0, offsetOf(root, keys)).split('\n').length;
  return wrong(file, rule, `${pointer || '/'}: ${message}`, row);
}

/** Where the value stands, or the nearest above it that is there. */
function offsetOf(root: ReturnType<typeof parseTree>, keys: readonly string[]): number {
  for (let length = keys.length; root && length > 0; length--) {
    const path = keys.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const found = findNodeAtLocation(root, path);
    if (found) return found.offset;
  }
  return 0;
}

/** data.json of the pack: the organisation's files at the top, as OPA loads the folder, with the direction of each value. */
function assembled(files: ReadonlyMap<string, object>): object {
  const own = [...files].filter(([name]) => !LAYER_NAME.test(name)).map(([, value]) => value);
  const layers: Record<string, Record<string, object>> = { tiers: {}, models: {} };
  for (const [name, value] of files) {
    const [, kind, of] = LAYER_NAME.exec(name) ?? [];
    if (kind === undefined || of === undefined) continue;
    const parts = layers[kind] ?? {};
    parts[of] = { ...parts[of], ...value };
  }
  return { ...Object.assign({}, ...own), ...layers, tighter: dataDirections() };
}

/** A file of a folder, by the top-level key that it holds. */
function fileHolding(files: DataFiles, folder: string, pointer: string): string {
  const key = pointer.split('/')[1] ?? '';
  const [name] = Object.entries(DATA_FILES).find(([, schema]) => Object.hasOwn(schema.shape, key)) ?? [key];
  const within = folder.replace(/^data\/?/, '');
  const path = within === '' ? `${name}.json` : `${within}/${name}.json`;
  return files.has(path) ? path : `${within}/`;
}

function betweenFiles(files: DataFiles, data: object, at: string): Problem[] {
  const layered = LayeredData.parse(data);
  const unregistered = Object.keys(layered.models)
    .filter((line) => !Object.hasOwn(layered.lines, line))
    .map((line) => wrong(`${at}/models/${line}/`, 'line', 'no such line is registered in lines.json'));
  const told = layerProblems(layered).map(({ folder, pointer, rule, message }) => {
    const file = fileHolding(files, folder, pointer);
    return placed(files.get(file) ?? '', `${at}/${file}`, rule, pointer, message);
  });
  return [...unregistered, ...told];
}

/** Codes that no rule carries, and paths that are lighter than what the rule asks for anyway. */
function ruleProblems(files: DataFiles, paths: ReadonlyMap<string, string>, at: string): Problem[] {
  const rank = (path: unknown) => (PATHS as readonly unknown[]).indexOf(path);
  return [...files].flatMap(([name, text]) => {
    const told = (pointer: string, message: string) => [placed(text, `${at}/${name}`, 'code', pointer, message)];
    const { min_paths: raised = {}, floors } = JSON.parse(text) as {
      min_paths?: Record<string, string>;
      floors?: { codes: Record<string, string> };
    };
    const raises = Object.entries(raised).flatMap(([code, path]) => {
      const own = code === 'reviewer' ? code : paths.get(code);
      if (own === undefined) return told(`/min_paths/${code}`, 'no rule carries this code');
      if (rank(own) < 0) return told(`/min_paths/${code}`, `this rule asks for a ${own}, which is no path`);
      return rank(path) > rank(own)
        ? []
        : told(`/min_paths/${code}`, `the rule asks for ${own} already; data may only raise it`);
    });
    const unknown = Object.keys(floors?.codes ?? {}).filter((code) => rank(paths.get(code)) < 0);
    return [
      ...raises,
      ...unknown.flatMap((code) => told(`/floors/codes/${code}`, 'no rule that asks for people carries this code')),
    ];
  });
}

/** What each rule asks for, read from the METADATA of the sources without a compiler. */
export function pathsOfRules(folder: string): Map<string, string> {
  const files = readdirSync(join(folder, 'promotion'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.rego') && !name.endsWith('_test.rego'),
  );
  const texts = files.map((name) => readFileSync(join(folder, 'promotion', name), 'utf8'));
  return new Map(
    texts.flatMap((text) =>
      [...text.matchAll(/^#\s+code: (\S+)\n#\s+min_path: (\S+)/gm)].map(([, code = '', path = '']) => [code, path] as const),
    ),
  );
}

/** Waivers that have no effect any more: they may stay for the record, and somebody should know. */
export function expiredWaivers(files: DataFiles, today: number, at = 'policies/data'): Problem[] {
  const text = files.get('waivers.json') ?? '{}';
  const { waivers = [] } = JSON.parse(text) as { waivers?: { id: string; expires: string; expires_day: number }[] };
  return waivers.flatMap(({ id, expires, expires_day }, i) =>
    expires_day < today ? [placed(text, `${at}/waivers.json`, 'waiver', `/waivers/${i}`, `${id} expired on ${expires}`)] : [],
  );
}

export const sayProblem = ({ file, row, rule, message }: Problem): string =>
  `${file}${row > 0 ? `:${row}` : ''}: ${message} [${rule}]`;
