// Builds the policy pack, or with --check proves that the committed one is exactly what the sources give.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { digestOf } from '../functions/domain/digest.ts';
import { DATA_FILES } from '../functions/route/data.ts';
import { ENTRYPOINT } from '../functions/route/engine.ts';
import { routingInputSchema } from '../functions/route/input.ts';
import { loadPack, PACK_FILES } from '../functions/route/pack.ts';
import { rulebookOf } from './rulebook.ts';
import { allowedCapabilities } from './tools/capabilities.ts';
import { opaBinary, opaVersion } from './tools/opa.ts';

const HERE = import.meta.dirname;
const run = promisify(execFile);

/** Relative to policies/: what is written, and what --check compares byte by byte. */
type Files = Map<string, Uint8Array>;

async function opa(...args: string[]): Promise<string> {
  const binary = await opaBinary();
  try {
    const { stdout } = await run(binary, args, { cwd: HERE, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`opa ${args.slice(0, 2).join(' ')} says no:\n${stdout}${stderr}`, { cause: error });
  }
}

const pretty = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);

/** What is generated and committed beside the sources: authors and `opa check` read it. */
async function generatedSources(): Promise<Files> {
  const files: Files = new Map();
  files.set('schemas/routing-input.v0.schema.json', pretty(routingInputSchema()));
  for (const [name, schema] of Object.entries(DATA_FILES)) {
    files.set(`schemas/data/${name}.schema.json`, pretty(z.toJSONSchema(schema, { target: 'draft-7' })));
  }
  const current = JSON.parse(await opa('capabilities', '--current')) as Parameters<typeof allowedCapabilities>[0];
  files.set('capabilities.json', pretty(allowedCapabilities(current)));
  return files;
}

/** policies/data/*.json in one object, each file checked against its schema. */
function packData(): object {
  const names = readdirSync(join(HERE, 'data')).filter((name) => name.endsWith('.json'));
  const unknown = names.filter((name) => !Object.hasOwn(DATA_FILES, name.slice(0, -'.json'.length)));
  if (unknown.length > 0) throw new Error(`policies/data/${unknown[0]} has no schema: add one in functions/route/data.ts`);
  return Object.assign({}, ...Object.entries(DATA_FILES).map(([name, schema]) => dataFile(name, schema)));
}

function dataFile(name: string, schema: z.ZodType): object {
  const parsed = schema.safeParse(JSON.parse(readFileSync(join(HERE, 'data', `${name}.json`), 'utf8')));
  if (parsed.success) return parsed.data as object;
  const lines = parsed.error.issues.map((issue) => `policies/data/${name}.json: /${issue.path.join('/')}: ${issue.message}`);
  throw new Error(lines.join('\n'));
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

async function compiled(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pack-'));
  try {
    const bundle = join(folder, 'bundle.tar.gz');
    const capabilities = ['--capabilities', 'capabilities.json', '--ignore', '*_test.rego'];
    await opa('build', '-t', 'wasm', '-e', ENTRYPOINT, ...capabilities, '-o', bundle, 'promotion');
    return memberOf(gunzipSync(readFileSync(bundle)), '/policy.wasm');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function dist(): Promise<Files> {
  const parts: Record<(typeof PACK_FILES)[number], Uint8Array> = {
    'capabilities.json': new Uint8Array(readFileSync(join(HERE, 'capabilities.json'))),
    'data.json': canonicalBytes(packData()),
    'policy.wasm': await compiled(),
    'rulebook.json': canonicalBytes(rulebookOf(JSON.parse(await opa('inspect', '-a', '-f', 'json', 'promotion')), HERE)),
  };
  const files = Object.fromEntries(PACK_FILES.map((name) => [name, digestOf(parts[name])]));
  const manifest = { schema: 'pack/v0', name: 'promotion', opa: opaVersion(), entrypoint: ENTRYPOINT, files };
  const all = new Map<string, Uint8Array>([...Object.entries(parts), ['manifest.json', canonicalBytes(manifest)]]);
  // Loading asserts what the format promises: one entrypoint, no built-in of the host, data in its schema.
  loadPack(all);
  return new Map([...all].map(([name, bytes]) => [`dist/${name}`, bytes]));
}

/** fmt, strict check against schema and capabilities, and the table tests beside each rule with every line covered. */
async function checkSources(): Promise<void> {
  packData(); // first: a wrong number is named by file and pointer, not by the tests that break on it
  const unformatted = await opa('fmt', '--list', 'promotion');
  if (unformatted.trim()) throw new Error(`run opa fmt -w on:\n${unformatted}`);
  await opa(
    'check',
    '--strict',
    '--schema',
    'schemas',
    '--capabilities',
    'capabilities.json',
    '--ignore',
    '*_test.rego',
    'promotion',
  );
  await opa('check', '--strict', '--schema', 'schemas', 'promotion');
  await opa('test', '--fail-on-empty', 'promotion', 'data', 'fixtures');
  await opa('test', '--coverage', '--threshold', '100', 'promotion', 'data', 'fixtures');
}

function differing(files: Files): string[] {
  return [...files].filter(([name, bytes]) => !sameFile(join(HERE, name), bytes)).map(([name]) => name);
}

function sameFile(path: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(bytes);
  } catch {
    return false; // not there is as different as can be
  }
}

function write(files: Files): void {
  for (const [name, bytes] of files) {
    mkdirSync(join(HERE, name, '..'), { recursive: true });
    writeFileSync(join(HERE, name), bytes);
  }
}

/** Answers the names of files that differ from what the sources give; with `check` it writes nothing. */
export async function buildPack({ check }: { check: boolean }): Promise<string[]> {
  const sources = await generatedSources();
  const stale = differing(sources);
  if (!check) write(sources);
  if (check && stale.length > 0) return stale;
  await checkSources();
  const files = await dist();
  const changed = differing(files);
  if (!check) write(files);
  return [...stale, ...changed];
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  try {
    const changed = await buildPack({ check });
    const names = changed.map((name) => `policies/${name}`).join(', ');
    if (changed.length === 0) console.log('The policy pack is what its sources give.');
    else if (check) console.error(`Not what the sources give: ${names}. Run npm run policy:build and commit the result.`);
    else console.log(`Written: ${names}`);
    process.exitCode = check && changed.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
