// From a folder of policies to the parts of a pack: the committed ones at a build, an author's working copy at a try.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { z } from 'zod';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { digestOf } from '../functions/domain/digest.ts';
import { DATA_FILES } from '../functions/route/data.ts';
import { ENTRYPOINT } from '../functions/route/engine.ts';
import { PACK_FILES } from '../functions/route/pack.ts';
import { rulebookOf } from './rulebook.ts';
import { TABLES_QUERY, tablesOf } from './rulebook-examples.ts';
import { opaVersion } from './tools/opa.ts';
import { opa } from './tools/run.ts';

/** data/*.json in one object, each file checked against its schema: what is wrong is named by file and pointer. */
export function packData(folder: string): object {
  const names = readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.json'));
  const unknown = names.filter((name) => !Object.hasOwn(DATA_FILES, name.slice(0, -'.json'.length)));
  if (unknown.length > 0) throw new Error(`policies/data/${unknown[0]} has no schema: add one in functions/route/data.ts`);
  return Object.assign({}, ...Object.entries(DATA_FILES).map(([name, schema]) => dataFile(folder, name, schema)));
}

function dataFile(folder: string, name: string, schema: z.ZodType): object {
  const file = `policies/data/${name}.json`;
  const parsed = schema.safeParse(jsonOf(file, readFileSync(join(folder, 'data', `${name}.json`), 'utf8')));
  if (parsed.success) return parsed.data as object;
  const hint = (code: string) =>
    code === 'unrecognized_keys' ? ' (a new number needs its line in functions/route/data.ts)' : '';
  throw new Error(
    parsed.error.issues.map(({ path, message, code }) => `${file}: /${path.join('/')}: ${message}${hint(code)}`).join('\n'),
  );
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file}: not JSON: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Words, figures and examples of every rule, and what a build refuses about them. */
export async function rulebook(folder: string, data: object): Promise<ReturnType<typeof rulebookOf>> {
  const at = { cwd: folder };
  const inspected = JSON.parse(await opa(['inspect', '-a', '-f', 'json', 'promotion'], at));
  const files = ['promotion', 'data', 'fixtures'].flatMap((name) => ['-d', name]);
  const tables = tablesOf(JSON.parse(await opa(['eval', '-f', 'json', ...files, TABLES_QUERY], at)));
  return rulebookOf(inspected, { folder, data, tables });
}

/** A manifest around the parts: together they are a pack. */
export function packed(parts: Record<(typeof PACK_FILES)[number], Uint8Array>): Map<string, Uint8Array> {
  const files = Object.fromEntries(PACK_FILES.map((name) => [name, digestOf(parts[name])]));
  const manifest = { schema: 'pack/v0', name: 'promotion', opa: opaVersion(), entrypoint: ENTRYPOINT, files };
  return new Map([...Object.entries(parts), ['manifest.json', canonicalBytes(manifest)]]);
}

export async function compiled(folder: string): Promise<Uint8Array> {
  const temporary = mkdtempSync(join(tmpdir(), 'countersign-pack-'));
  try {
    const bundle = join(temporary, 'bundle.tar.gz');
    const capabilities = ['--capabilities', 'capabilities.json', '--ignore', '*_test.rego'];
    await opa(['build', '-t', 'wasm', '-e', ENTRYPOINT, ...capabilities, '-o', bundle, 'promotion'], { cwd: folder });
    return memberOf(gunzipSync(readFileSync(bundle)), '/policy.wasm');
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** One member of an uncompressed ustar archive: 512-byte headers, name first, size in octal at 124. */
function memberOf(tar: Uint8Array, wanted: string): Uint8Array {
  const text = (from: number, length: number) =>
    new TextDecoder().decode(tar.subarray(from, from + length)).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    if (text(at, 100) === wanted) return tar.slice(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`the bundle holds no ${wanted}`);
}
