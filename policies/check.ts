// `npm run policy`: everything that can be wrong with the policies, in seconds, each with the line to mend.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPack } from './build.ts';
import { expiredWaivers, judgedData, pathsOfRules, readDataFiles, sayProblem } from './data-files.ts';
import { houseInput, houseProblems, type Problem } from './house.ts';
import { judgedOverlay } from './overlay.ts';
import { shippedOverlays } from './overlay-pack.ts';
import { packData } from './sources.ts';
import { opa, POLICIES, tryOpa } from './tools/run.ts';

function dataProblems(): readonly Problem[] {
  const data = readDataFiles(join(POLICIES, 'data'));
  const paths = pathsOfRules(POLICIES);
  const { problems } = judgedData(data, paths);
  // An overlay over wrong data could only repeat what is wrong with them.
  if (problems.length > 0) return problems;
  return shippedOverlays().flatMap(({ where, files }) => judgedOverlay(data, files, paths, where).problems);
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

/** In this order, stopping where the rest could only repeat it; answers all problems of the first step that has any. */
export async function checkPolicies(
  say: (step: string, ms: number, wrong: number) => void = () => {},
): Promise<readonly Problem[]> {
  const steps: [string, () => Promise<readonly Problem[]>][] = [
    ['data, presets and overlays', async () => dataProblems()],
    ['format', formatProblems],
    ['strict check against schema and capabilities', compileProblems],
    ['house rules', async () => houseProblems(await houseInput(packData(POLICIES)))],
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

if (import.meta.main) {
  const problems = await checkPolicies((step, ms, wrong) =>
    console.log(`${wrong === 0 ? 'ok  ' : 'FAIL'} ${step} (${Math.round(ms)} ms)`),
  );
  const today = Math.floor(Date.now() / 86_400_000);
  for (const old of expiredWaivers(readDataFiles(join(POLICIES, 'data')), today)) console.log(`note ${sayProblem(old)}`);
  for (const problem of problems) console.log(sayProblem(problem));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
