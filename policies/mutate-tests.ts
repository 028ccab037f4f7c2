// What the tables of tests say of a working copy. `opa test` keeps a trace of every row and takes fifteen times as long as
// `opa eval` of the same rules, so it is asked once, of the sources as they are; a mutant is held against what passed there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { POLICIES, tryOpa } from './tools/run.ts';

/** `refused`: the compiler does not take it. `noticed`: a test, or a row of its table, that passed does not pass any more. */
export type Notice = 'refused' | 'noticed' | 'unnoticed';

/** What is loaded for one run, by path under the folder, and the packages of tests whose word counts. */
type Run = { readonly files: readonly string[]; readonly packages: readonly string[] };

const DATA = ['data', 'fixtures'];
const FIVE_MINUTES = 300_000;

/** A test that is no table is true, a table is the list of its rows that pass. Rows are named in the tests, never by the data. */
const Passed = z.record(z.string(), z.record(z.string(), z.unknown()));
type Passed = z.infer<typeof Passed>;
const Printed = z.union([
  z.object({ errors: z.array(z.looseObject({ code: z.string() })).min(1) }),
  z.object({ result: z.tuple([z.object({ expressions: z.tuple([z.object({ value: Passed })]) })]) }),
]);

const query = (packages: readonly string[]) =>
  `{${packages
    .map((name) => `"${name}": {name: value | some name, value in data.promotion.${name}; startswith(name, "test_")}`)
    .join(', ')}}`;

/** What passes, or the code of the error that stopped it. */
async function passing(folder: string, { files, packages }: Run): Promise<Passed | string> {
  const loaded = [...files, ...DATA].flatMap((path) => ['-d', path]);
  const { code, stdout, stderr } = await tryOpa(['eval', '-f', 'json', ...loaded, query(packages)], {
    cwd: folder,
    timeout: FIVE_MINUTES,
  });
  // A machine that is too busy says nothing of the tests.
  if (code === null) throw new Error(`opa eval of ${files.join(' ')} did not end: ${stderr}`);
  const printed = Printed.parse(JSON.parse(stdout));
  if ('errors' in printed) return printed.errors[0]?.code ?? 'no code';
  return printed.result[0].expressions[0].value;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const isTest = (file: string) => file.endsWith('_test.rego');
const packageOf = (text: string) => /^package promotion\.(\w+)$/m.exec(text)?.[1];

/** The Rego of a folder of policies: which file is which package, and which packages a file speaks of. */
function modulesOf(folder: string) {
  const files = readdirSync(join(folder, 'promotion'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rego'))
    .map((name) => `promotion/${name.replaceAll('\\', '/')}`)
    .sort();
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const packages = new Map([...texts].map(([file, text]) => [packageOf(text) ?? file, file]));
  const needed = (file: string) =>
    [...(texts.get(file) ?? '').matchAll(/\bdata\.promotion\.(\w+)/g)].flatMap(([, name = '']) => packages.get(name) ?? []);
  const testsIn = (chosen: readonly string[]) =>
    chosen.filter(isTest).flatMap((file) => packageOf(texts.get(file) ?? '') ?? []);
  return { files, needed, testsIn };
}

type Modules = ReturnType<typeof modulesOf>;

/** The tests beside a file, with what they and it need, however far down; or null for what has none of its own. */
function ownRun(modules: Modules, file: string): Run | null {
  const beside = `${file.split('/').slice(0, 2).join('/')}/`;
  const own = modules.files.filter((name) => name.startsWith(beside));
  const packages = modules.testsIn(own);
  if (packages.length === 0) return null;
  // A set is walked in the order it grows, so what is needed is followed as well.
  const files = new Set(own);
  for (const one of files) for (const more of modules.needed(one)) files.add(more);
  return { files: [...files].sort(), packages };
}

/**
 * Of the sources as they are: all tests pass, alone and with the others. Throws with what OPA printed if one does not, since then
 * every mutant would count as noticed.
 */
export async function testsOf(folder = POLICIES) {
  const modules = modulesOf(folder);
  const all: Run = { files: ['promotion'], packages: modules.testsIn(modules.files) };
  // A table of tests is one test to OPA, and on a busy machine five seconds are not enough for it.
  const told = await tryOpa(['test', '--timeout', '100s', '--fail-on-empty', ...all.files, ...DATA], { cwd: folder });
  if (!told.ok) throw new Error(`the tests fail on the unchanged policies:\n${told.stdout}${told.stderr}`);
  const expected = await passing(folder, all);
  if (typeof expected === 'string') throw new Error(`the unchanged policies do not evaluate: ${expected}`);

  /** Each set of files is shown once to say of the unchanged policies what all files together say. */
  const proven = new Map<string, Promise<void>>();
  const prove = async (run: Run): Promise<void> => {
    const alone = await passing(folder, run);
    for (const name of run.packages) {
      if (typeof alone === 'string' || !same(alone[name], expected[name]))
        throw new Error(
          `the tests of ${name} fail on the unchanged policies with ${run.files.join(' ')} alone: ${String(alone)}`,
        );
    }
  };

  const noticed = async (copy: string, run: Run): Promise<Notice> => {
    const found = await passing(copy, run);
    if (typeof found === 'string') return found.startsWith('eval_') ? 'noticed' : 'refused';
    return run.packages.every((name) => same(found[name], expected[name])) ? 'unnoticed' : 'noticed';
  };

  return {
    /** What the tests say of a working copy in which this one file is changed; its own tests are asked first. */
    async notice(copy: string, file: string): Promise<Notice> {
      const own = ownRun(modules, file);
      if (own) {
        const key = own.files.join();
        if (!proven.has(key)) proven.set(key, prove(own));
        await proven.get(key);
        const notice = await noticed(copy, own);
        if (notice !== 'unnoticed') return notice;
      }
      return noticed(copy, all);
    },
  };
}
