// `npm run policy:mutate`: how many of the small lies in mutants.ts are noticed. Writes docs/policy-mutation.md with --write.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canonicalDigest } from '../functions/domain/canonical.ts';
import { decisionOf } from '../functions/route/decision.ts';
import { createEngine } from '../functions/route/engine.ts';
import type { RoutingInput } from '../functions/route/input.ts';
import { corpusOf, fixtures, sweep } from './corpus.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { mutationReport } from './mutation-report.ts';
import { compiled, packData } from './sources.ts';
import { POLICIES, tryOpa } from './tools/run.ts';

/** `invalid`: does not compile, so nobody could have merged it. `corpus`: only the comparison of decisions noticed. */
export type Fate = 'invalid' | 'tests' | 'corpus' | 'survived';
export type Judged = { readonly mutant: Mutant; readonly fate: Fate };

const PARTS = ['promotion', 'data', 'fixtures', 'schemas', 'capabilities.json'];
const TESTS_FAILED = 2; // the exit code of `opa test`; other faults, such as a text that does not compile, are 1

/** The decisions that a working copy gives, one digest an input, made when asked for. */
async function* decisionsOf(folder: string, inputs: readonly RoutingInput[]): AsyncGenerator<string> {
  const engine = createEngine(await compiled(folder), packData(folder));
  for (const input of inputs) {
    let answer: unknown;
    try {
      answer = engine.evaluate(input);
    } catch (error) {
      answer = error instanceof Error ? error.message : 'thrown';
    }
    yield canonicalDigest(decisionOf(answer, input) ?? null);
  }
}

async function decidesAlike(folder: string, inputs: readonly RoutingInput[], before: readonly string[]): Promise<boolean> {
  let i = 0;
  for await (const digest of decisionsOf(folder, inputs)) if (digest !== before[i++]) return false;
  return true;
}

/** The dimension's own tests first: they are quick and notice most. */
async function testsOf(mutant: Mutant, folder: string): Promise<number | null> {
  const own = mutant.file.split('/').slice(0, 2).join('/');
  const alone = mutant.file.startsWith('promotion/') && !/\/(router|shared)$/.test(own);
  // A table of tests is one test to OPA, and on a busy machine five seconds are not enough for it.
  const roots = (...names: string[]) => ['test', '--timeout', '100s', ...names, 'data', 'fixtures'];
  const options = { cwd: folder, timeout: 120_000 };
  if (alone) {
    const { code } = await tryOpa(roots(own, 'promotion/shared'), options);
    if (code !== 0) return code;
  }
  return (await tryOpa(roots('promotion'), options)).code;
}

async function fateOf(
  mutant: Mutant,
  folder: string,
  inputs: readonly RoutingInput[],
  before: readonly string[],
): Promise<Fate> {
  const path = join(folder, mutant.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, mutant.text);
  try {
    const code = await testsOf(mutant, folder);
    if (code === TESTS_FAILED || code === null) return 'tests';
    if (code !== 0) return 'invalid';
    return (await decidesAlike(folder, inputs, before)) ? 'survived' : 'corpus';
  } catch {
    return 'invalid'; // the build, or the schema of the data, refuses it
  } finally {
    writeFileSync(path, original);
  }
}

export type Options = {
  readonly pick?: (mutants: readonly Mutant[]) => readonly Mutant[];
  readonly width?: number;
  readonly generated?: number;
  readonly say?: (line: string) => void;
};

export async function mutate({ pick = (all) => all, width = 2, generated = 300, say = () => {} }: Options): Promise<Judged[]> {
  const mutants = pick(mutantsOf(POLICIES));
  const corpus = corpusOf(1);
  const inputs = [...fixtures(), ...Array.from({ length: generated }, (_, i) => corpus.at(i)), ...sweep(dataNumbers())];
  const root = mkdtempSync(join(tmpdir(), 'countersign-mutants-'));
  const queue = [...mutants.entries()];
  const judged: Judged[] = [];
  const started = performance.now();
  let told = started;
  const worker = async (n: number): Promise<void> => {
    const folder = join(root, String(n));
    for (const part of PARTS) cpSync(join(POLICIES, part), join(folder, part), { recursive: true });
    const before: string[] = [];
    for await (const digest of decisionsOf(folder, inputs)) before.push(digest);
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [i, mutant] = next;
      judged[i] = { mutant, fate: await fateOf(mutant, folder, inputs, before) };
      if (performance.now() - told < 5000) continue;
      told = performance.now();
      const done = mutants.length - queue.length;
      const left = Math.round(((told - started) / done / 1000) * queue.length);
      say(
        `  ${done} of ${mutants.length} mutants, ${judged.filter((one) => one?.fate === 'survived').length} alive, about ${left} s left`,
      );
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, (_, n) => worker(n)));
  } finally {
    rmSync(root, { recursive: true });
  }
  return judged;
}

const numbersOf = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(numbersOf)
      : [];

/** The numbers of the data, without the register of lines. */
export const dataNumbers = (): number[] => [...new Set(numbersOf({ ...packData(POLICIES), lines: null }))];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { write: { type: 'boolean' }, only: { type: 'string' } } });
  const started = performance.now();
  const judged = await mutate({
    say: (line) => console.log(line),
    ...(values.only === undefined ? {} : { pick: (all) => all.filter(({ file }) => file.includes(values.only ?? '')) }),
  });
  const report = mutationReport(judged);
  for (const { fate, mutant } of judged) {
    if (fate === 'survived' || fate === 'corpus') console.log(`${fate} policies/${mutant.file}:${mutant.line} ${mutant.what}`);
  }
  console.log(`${report.line}, in ${Math.round((performance.now() - started) / 1000)} s`);
  if (values.write) writeFileSync(join(POLICIES, '../docs/policy-mutation.md'), report.text);
  for (const problem of report.problems) console.log(problem);
  return report.problems.length;
}

if (import.meta.main) process.exitCode = (await main()) > 0 ? 1 : 0;
