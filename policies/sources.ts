// From a folder of policies to the parts of a pack: the committed ones at a build, an author's working copy at a try.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { digestOf } from '../functions/domain/digest.ts';
import { ENTRYPOINT } from '../functions/route/engine.ts';
import { PACK_FILES } from '../functions/route/pack.ts';
import { judgedData, pathsOfRules, readDataFiles, sayProblem } from './data-files.ts';
import { rulebookOf } from './rulebook.ts';
import { TABLES_QUERY, tablesOf } from './rulebook-examples.ts';
import { opaVersion } from './tools/opa.ts';
import { opa } from './tools/run.ts';

/** The data of a folder of policies in one object. Throws with everything that is wrong, each by file, line, pointer and rule. */
export function packData(folder: string): object {
  const { data, problems } = judgedData(readDataFiles(join(folder, 'data')), pathsOfRules(folder));
  if (data === undefined) throw new Error(problems.map(sayProblem).join('\n'));
  return data;
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
export function packed(
  parts: Record<(typeof PACK_FILES)[number], Uint8Array>,
  version = opaVersion(),
): Map<string, Uint8Array> {
  const files = Object.fromEntries(PACK_FILES.map((name) => [name, digestOf(parts[name])]));
  const manifest = { schema: 'pack/v0', name: 'promotion', opa: version, entrypoint: ENTRYPOINT, files };
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
