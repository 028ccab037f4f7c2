// `npm run policy`: everything that can be wrong with the policies, in seconds, each with the line to mend.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { parseBytes } from '../functions/domain/parse.ts';
import { DATA_FILES } from '../functions/route/data.ts';
import { buildPack } from './build.ts';
import { houseInput, houseProblems, type Problem } from './house.ts';
import { opa, POLICIES, tryOpa } from './tools/run.ts';

const LIMITS = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 };
const lineAt = (text: string, offset: number) => text.slice(0, offset).split('\n').length;

/** One data file against its schema: file, line, pointer, and what the schema asks for. */
export function dataFileProblems(file: string, text: string): Problem[] {
  const schema = new Map(Object.entries(DATA_FILES)).get(file.replace(/^.*\/|\.json$/g, '') as keyof typeof DATA_FILES);
  if (!schema) return [{ file, row: 1, rule: 'data', message: 'no schema has this name: add one in functions/route/data.ts' }];
  const parsed = parseBytes(schema, new TextEncoder().encode(text), LIMITS);
  if (parsed.ok) return [];
  const root = parseTree(text);
  return parsed.problems.map(({ pointer, detail, code }) => {
    const keys = pointer
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    return { file, row: lineAt(text, offsetOf(root, keys)), rule: 'data', message: `${pointer || '/'}: ${detail} (${code})` };
  });
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

function dataProblems(): Problem[] {
  const names = readdirSync(join(POLICIES, 'data'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  return names.flatMap((name) => dataFileProblems(`policies/data/${name}`, readFileSync(join(POLICIES, 'data', name), 'utf8')));
}

async function formatProblems(): Promise<Problem[]> {
  const files = (await opa(['fmt', '--list', 'promotion', 'checks'])).trim().split('\n').filter(Boolean);
  return Promise.all(
    files.map(async (file) => {
      const [right, wrong] = [await opa(['fmt', file]), readFileSync(join(POLICIES, file), 'utf8')].map((text) =>
        text.split('\n'),
      );
      const row = 1 + (right?.findIndex((line, i) => line !== wrong?.[i]) ?? 0);
      return { file: `policies/${file}`, row, rule: 'format', message: `run opa fmt -w policies/${file}` };
    }),
  );
}

type OpaError = { message: string; code: string; location?: { file: string; row: number } };

export const fromOpa = ({ message, code, location }: OpaError): Problem => ({
  file: location ? `policies/${location.file}` : 'policies',
  row: location?.row ?? 0,
  rule: code,
  message,
});

/** Strict, with the input's schema and only the calls that are allowed; tests may call more. */
async function compileProblems(): Promise<Problem[]> {
  const strict = ['check', '--strict', '--schema', 'schemas', '-f', 'json'];
  const runs = [
    [...strict, '--capabilities', 'capabilities.json', '--ignore', '*_test.rego', 'promotion'],
    [...strict, 'promotion'],
    ['check', '--strict', '-f', 'json', 'checks'],
  ];
  const ran = await Promise.all(runs.map((args) => tryOpa(args)));
  const errors = ran
    .filter(({ ok }) => !ok)
    .flatMap(({ stdout, stderr }) => (JSON.parse(stdout || stderr) as { errors: OpaError[] }).errors.map(fromOpa));
  return errors.filter((error, i) => errors.findIndex((e) => sayProblem(e) === sayProblem(error)) === i);
}

/** A table of tests is one test to OPA; its own limit of five seconds is too short on a busy machine. */
const TESTS = ['--timeout', '100s', 'promotion', 'data', 'fixtures', 'checks'];

type TestRow = {
  name: string;
  package: string;
  fail?: boolean;
  error?: unknown;
  location: { file: string; row: number };
  sub_results?: Record<string, SubResult>;
};
type SubResult = { name?: string; fail?: boolean; sub_results?: Record<string, SubResult> };

const failing = (sub: Record<string, SubResult> | undefined): string[] =>
  Object.entries(sub ?? {}).flatMap(([name, result]) => (result.fail ? [name] : failing(result.sub_results)));

/** Every line of Rego is come past; where a test fails there is no such report, and the tests are run again for their names. */
async function testProblems(): Promise<Problem[]> {
  const { stdout } = await tryOpa(['test', '--coverage', ...TESTS]);
  if (!stdout.startsWith('{')) return failedTests();
  return Object.entries((JSON.parse(stdout) as Coverage).files).flatMap(([file, { not_covered = [] }]) =>
    not_covered.map(({ start }) => ({
      file: `policies/${file}`,
      row: start.row,
      rule: 'coverage',
      message: 'no test comes past this line',
    })),
  );
}

type Coverage = { files: Record<string, { not_covered?: { start: { row: number } }[] }> };

async function failedTests(): Promise<Problem[]> {
  const { stdout, stderr } = await tryOpa(['test', '-f', 'json', ...TESTS]);
  if (!stdout.startsWith('[')) return [{ file: 'policies', row: 0, rule: 'test', message: `${stdout}${stderr}`.trim() }];
  const rows = JSON.parse(stdout) as TestRow[];
  return rows
    .filter((row) => row.fail || row.error !== undefined)
    .map((row) => ({
      file: `policies/${row.location.file}`,
      row: row.location.row,
      rule: 'test',
      message: [row.name, ...failing(row.sub_results)].join(': '),
    }));
}

async function staleProblems(): Promise<Problem[]> {
  const stale = await buildPack({ check: true, sources: false });
  const message = 'not what the sources give: run npm run policy:build and commit the result';
  return stale.map((name) => ({ file: `policies/${name}`, row: 0, rule: 'build', message }));
}

const mergedData = (): object =>
  Object.assign(
    {},
    ...Object.keys(DATA_FILES).map((name) => JSON.parse(readFileSync(join(POLICIES, 'data', `${name}.json`), 'utf8'))),
  );

/** In this order, stopping where the rest could only repeat it; answers all problems of the first step that has any. */
export async function checkPolicies(say: (step: string, ms: number, wrong: number) => void = () => {}): Promise<Problem[]> {
  const steps: [string, () => Promise<Problem[]>][] = [
    ['data against its schemas', async () => dataProblems()],
    ['format', formatProblems],
    ['strict check against schema and capabilities', compileProblems],
    ['house rules', async () => houseProblems(await houseInput(mergedData()))],
    ['tests, and every line covered', testProblems],
    ['built bytes', staleProblems],
  ];
  for (const [step, problemsOf] of steps) {
    const started = performance.now();
    const problems = await problemsOf();
    say(step, performance.now() - started, problems.length);
    if (problems.length > 0) return problems;
  }
  return [];
}

export const sayProblem = ({ file, row, rule, message }: Problem): string =>
  `${file}${row > 0 ? `:${row}` : ''}: ${message} [${rule}]`;

if (import.meta.main) {
  const problems = await checkPolicies((step, ms, wrong) =>
    console.log(`${wrong === 0 ? 'ok  ' : 'FAIL'} ${step} (${Math.round(ms)} ms)`),
  );
  for (const problem of problems) console.log(sayProblem(problem));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
