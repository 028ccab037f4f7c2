// The house rules are Rego themselves (policies/checks), over what OPA prints of the sources: `parse`, `inspect -a`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inParallel, opa, POLICIES } from './tools/run.ts';

/** One thing to mend. `row` 0: the whole file. */
export type Problem = { readonly file: string; readonly row: number; readonly rule: string; readonly message: string };

/** What the house rules judge; a test changes one thing in it. */
export type HouseInput = {
  readonly modules: readonly { readonly file: string; readonly ast: unknown }[];
  readonly annotations: readonly unknown[];
  readonly builtins: readonly string[];
  readonly capabilities: readonly string[];
  readonly codes: readonly unknown[];
  readonly adapter_codes: readonly string[];
  readonly data: object;
};

/** Rules that are no Rego: the adapter answers with them when the policy cannot. */
const ADAPTER_CODES = ['POL-000', 'POL-003', 'POL-004'];

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const names = (capabilities: unknown) => (capabilities as { builtins: { name: string }[] }).builtins.map(({ name }) => name);

export async function houseInput(data: object, folder = POLICIES): Promise<HouseInput> {
  const files = readdirSync(join(folder, 'promotion'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rego'))
    .map((name) => `promotion/${name}`)
    .sort();
  const parse = async (file: string): Promise<object> => {
    const ast = JSON.parse(await opa(['parse', '-f', 'json', '--json-include', 'locations', file], { cwd: folder })) as object;
    // Of tests the rules only look at the package; their tables are most of the text.
    return file.endsWith('_test.rego') && 'package' in ast ? { package: ast.package } : ast;
  };
  const [inspected, current, modules] = await Promise.all([
    opa(['inspect', '-a', '-f', 'json', 'promotion'], { cwd: folder }),
    opa(['capabilities', '--current']),
    inParallel(files, 2, async (file) => ({ file, ast: await parse(file) })),
  ]);
  return {
    modules,
    annotations: (JSON.parse(inspected) as { annotations: unknown[] }).annotations,
    builtins: names(JSON.parse(current)),
    capabilities: names(json(join(folder, 'capabilities.json'))),
    codes: (json(join(folder, 'codes.json')) as { codes: unknown[] }).codes,
    adapter_codes: ADAPTER_CODES,
    data,
  };
}

export async function houseProblems(input: HouseInput): Promise<Problem[]> {
  const query = '[v | some name; some v in data.checks[name].violations]';
  const args = ['eval', '-f', 'raw', '-I', '-d', 'checks', '--ignore', '*_test.rego', query];
  const found = JSON.parse(await opa(args, { stdin: JSON.stringify(input) })) as Problem[];
  return found.map((problem) => ({ ...problem, file: `policies/${problem.file.replace(/^.*policies\//, '')}` }));
}
