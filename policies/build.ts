// Builds the policy pack, or with --check proves that the committed one is exactly what the sources give.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { DATA_FILES } from '../functions/route/data.ts';
import { routingInputSchema } from '../functions/route/input.ts';
import { loadPack } from '../functions/route/pack.ts';
import { packSources } from './pack-sources.ts';
import { rulebookPage } from './rulebook-page.ts';
import { compiled, packData, packed, rulebook } from './sources.ts';
import { allowedCapabilities } from './tools/capabilities.ts';
import { opaBinary } from './tools/opa.ts';

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
    throw new Error(`opa ${args[0]} says no:\n${stdout}${stderr}`, { cause: error });
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

async function dist(): Promise<Files> {
  const data = packData(HERE);
  const { rules, problems } = await rulebook(HERE, data);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const all = packed({
    'capabilities.json': new Uint8Array(readFileSync(join(HERE, 'capabilities.json'))),
    'data.json': canonicalBytes(data),
    'policy.wasm': await compiled(HERE),
    'rulebook.json': canonicalBytes({ schema: 'rulebook/v0', rules }),
    'sources.json': canonicalBytes(packSources(HERE)),
  });
  // Loading asserts what the format promises: one entrypoint, no built-in of the host, data in its schema.
  loadPack(all);
  const page = new TextEncoder().encode(rulebookPage(rules));
  return new Map([['RULEBOOK.md', page], ...[...all].map(([name, bytes]) => [`dist/${name}`, bytes] as const)]);
}

/** fmt, strict check against schema and capabilities, and the table tests beside each rule with every line covered. */
async function checkSources(): Promise<void> {
  packData(HERE); // first: a wrong number is named by file and pointer, not by the tests that break on it
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
  await opa('test', '--timeout', '100s', '--fail-on-empty', 'promotion', 'data', 'fixtures');
  await opa('test', '--timeout', '100s', '--coverage', '--threshold', '100', 'promotion', 'data', 'fixtures');
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
export async function buildPack({ check, sources: judged = true }: { check: boolean; sources?: boolean }): Promise<string[]> {
  const sources = await generatedSources();
  const stale = differing(sources);
  if (!check) write(sources);
  if (check && stale.length > 0) return stale;
  if (judged) await checkSources();
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
