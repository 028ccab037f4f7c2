// `npm run policy:mutate`: how many of the small lies in mutants.ts are noticed. Writes docs/policy-mutation.md with --write.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { canonicalDigest } from '../functions/domain/canonical.ts';
import { decisionOf } from '../functions/route/decision.ts';
import { createEngine, type Engine } from '../functions/route/engine.ts';
import type { RoutingInput } from '../functions/route/input.ts';
import { corpusOf, fixtures, sweep } from './corpus.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { testsOf } from './mutate-tests.ts';
import { mutationReport } from './mutation-report.ts';
import { compiled, packData } from './sources.ts';
import { POLICIES } from './tools/run.ts';

/** `invalid`: does not compile, so nobody could have merged it. `corpus`: only the comparison of decisions noticed. */
export type Fate = 'invalid' | 'tests' | 'corpus' | 'survived';
export type Judged = { readonly mutant: Mutant; readonly fate: Fate };

const PARTS = ['promotion', 'data', 'fixtures', 'schemas', 'capabilities.json'];

/** The engine of a working copy, or null if the build or the schema of the data refuses it. */
async function engineOf(folder: string): Promise<Engine | null> {
  try {
    return createEngine(await compiled(folder), packData(folder));
  } catch {
    return null;
  }
}

/** The decisions of an engine, one digest an input, made when asked for. */
function* decisionsOf(engine: Engine, inputs: readonly RoutingInput[]): Generator<string> {
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

function decidesAlike(engine: Engine, inputs: readonly RoutingInput[], before: readonly string[]): boolean {
  let i = 0;
  for (const digest of decisionsOf(engine, inputs)) if (digest !== before[i++]) return false;
  return true;
}

type World = {
  readonly tests: Awaited<ReturnType<typeof testsOf>>;
  readonly inputs: readonly RoutingInput[];
  readonly before: readonly string[];
};

async function fateOf(mutant: Mutant, folder: string, { tests, inputs, before }: World): Promise<Fate> {
  const path = join(folder, mutant.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, mutant.text);
  try {
    const notice = await tests.notice(folder, mutant.file);
    if (notice !== 'unnoticed') return notice === 'noticed' ? 'tests' : 'invalid';
    const engine = await engineOf(folder);
    if (engine === null) return 'invalid';
    return decidesAlike(engine, inputs, before) ? 'survived' : 'corpus';
  } finally {
    writeFileSync(path, original);
  }
}

export type Options = {
  readonly pick?: (mutants: readonly Mutant[]) => readonly Mutant[];
  readonly width?: number;
  readonly generated?: number;
  readonly say?: (line: string) => void;
  /** The policies that are mutated. */
  readonly of?: string;
};

export async function mutate({
  pick = (all) => all,
  width = 2,
  generated = 300,
  say = () => {},
  of = POLICIES,
}: Options): Promise<Judged[]> {
  const tests = await testsOf(of);
  const mutants = pick(mutantsOf(of));
  const corpus = corpusOf(1);
  const inputs = [...fixtures(), ...Array.from({ length: generated }, (_, i) => corpus.at(i)), ...sweep(dataNumbers())];
  const unchanged = createEngine(await compiled(of), packData(of));
  const world = { tests, inputs, before: [...decisionsOf(unchanged, inputs)] };
  const root = mkdtempSync(join(tmpdir(), 'countersign-mutants-'));
  const queue = [...mutants.entries()];
  const judged: Judged[] = [];
  const started = performance.now();
  let told = started;
  const worker = async (n: number): Promise<void> => {
    const folder = join(root, String(n));
    for (const part of PARTS) cpSync(join(of, part), join(folder, part), { recursive: true });
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [i, mutant] = next;
      judged[i] = { mutant, fate: await fateOf(mutant, folder, world) };
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
  // The page is of all of them.
  if (values.write && values.only !== undefined) throw new Error('--write goes without --only');
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
