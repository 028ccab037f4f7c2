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

/** What an engine answers, as text: two that read the same are one decision. */
function answerOf(engine: Engine, input: RoutingInput): string {
  try {
    return JSON.stringify(engine.evaluate(input));
  } catch (error) {
    return JSON.stringify(error instanceof Error ? error.message : 'thrown');
  }
}

/** Whether both say the same of each input. Answers that read differently may still be one decision, in another order. */
function decidesAlike(engine: Engine, { inputs, unchanged }: World): boolean {
  return inputs.every((input) => {
    const [before, after] = [answerOf(unchanged, input), answerOf(engine, input)];
    if (before === after) return true;
    const digest = (answer: string) => canonicalDigest(decisionOf(JSON.parse(answer), input) ?? null);
    return digest(before) === digest(after);
  });
}

type World = {
  readonly tests: Awaited<ReturnType<typeof testsOf>>;
  readonly inputs: readonly RoutingInput[];
  readonly unchanged: Engine;
};

async function fateOf(mutant: Mutant, folder: string, world: World): Promise<Fate> {
  const path = join(folder, mutant.file);
  const original = readFileSync(path, 'utf8');
  writeFileSync(path, mutant.text);
  try {
    const notice = await world.tests.notice(folder, mutant.file);
    if (notice !== 'unnoticed') return notice === 'noticed' ? 'tests' : 'invalid';
    const engine = await engineOf(folder);
    if (engine === null) return 'invalid';
    return decidesAlike(engine, world) ? 'survived' : 'corpus';
  } finally {
    writeFileSync(path, original);
  }
}

export type Options = {
  readonly pick?: (mutants: readonly Mutant[]) => readonly Mutant[];
  readonly width?: number;
  readonly generated?: number;
  readonly say?: (line: string) => void;
  /** Each as soon as it is known. */
  readonly tell?: (one: Judged) => void;
  /** The policies that are mutated. */
  readonly of?: string;
};

export async function mutate({
  pick = (all) => all,
  width = 2,
  generated = 300,
  say = () => {},
  tell = () => {},
  of = POLICIES,
}: Options): Promise<Judged[]> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-mutants-'));
  const copied = (name: string): string => {
    const folder = join(root, name);
    for (const part of PARTS) cpSync(join(of, part), join(folder, part), { recursive: true });
    return folder;
  };
  // Whoever edits the policies while this runs changes nothing in it.
  const source = copied('unchanged');
  const mutants = pick(mutantsOf(source));
  const queue = [...mutants.entries()];
  const judged: Judged[] = [];
  const started = performance.now();
  let told = started;
  const worker = async (n: number, world: World): Promise<void> => {
    const folder = copied(String(n));
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [i, mutant] = next;
      const one = { mutant, fate: await fateOf(mutant, folder, world) };
      judged[i] = one;
      tell(one);
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
    const tests = await testsOf(source);
    const unchanged = createEngine(await compiled(source), packData(source));
    const corpus = corpusOf(1);
    const inputs = [...fixtures(), ...Array.from({ length: generated }, (_, i) => corpus.at(i)), ...sweep(dataNumbers())];
    const world = { tests, inputs, unchanged };
    await Promise.all(Array.from({ length: width }, (_, n) => worker(n, world)));
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
    tell: ({ fate, mutant }) => {
      if (fate === 'survived' || fate === 'corpus')
        console.log(`${fate} policies/${mutant.file}:${mutant.line} ${mutant.what}`);
    },
    ...(values.only === undefined ? {} : { pick: (all) => all.filter(({ file }) => file.includes(values.only ?? '')) }),
  });
  const report = mutationReport(judged);
  console.log(`${report.line}, in ${Math.round((performance.now() - started) / 1000)} s`);
  if (values.write) writeFileSync(join(POLICIES, '../docs/policy-mutation.md'), report.text);
  for (const problem of report.problems) console.log(problem);
  return report.problems.length;
}

if (import.meta.main) process.exitCode = (await main()) > 0 ? 1 : 0;
