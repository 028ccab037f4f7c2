// METADATA of the Rego sources, data and tables of tests → rulebook.json: the words that people read, sealed by digest with
// each decision.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DIMENSIONS } from '../functions/domain/diff.ts';
import { figuresOf, raisedPaths } from '../functions/route/rule-figures.ts';
import { Rule } from '../functions/route/rulebook.ts';
import { examplesOf, type Tables } from './rulebook-examples.ts';

const Inspected = z.object({
  annotations: z.array(
    z.object({
      annotations: z.object({
        title: z.string().optional(),
        description: z.string().optional(),
        custom: z.record(z.string(), z.unknown()).optional(),
      }),
      location: z.object({ file: z.string(), row: z.number() }),
    }),
  ),
});

/** Rules that are no Rego, and so have no table: each names the test of ours that shows both of its cases. */
const ENGINE_TESTS = 'test/unit/route/route.test.ts';
const OF_THE_ADAPTER = [
  engineRule('POL-000', 'The policy engine failed', 'The policy gave no answer, so people must decide.', 'the engine throws'),
  engineRule(
    'POL-003',
    'The policy was never activated',
    'This policy pack was not put into force by a sealed event.',
    'a pack that no sealed event put into force',
  ),
  engineRule(
    'POL-004',
    "The policy's answer is not valid",
    'What the policy answered does not hold together, so people must decide.',
    'an answer with an unknown path',
  ),
];

function engineRule(code: string, title: string, description: string, fires: string): Rule {
  const remedy = 'Tell the platform team; the committee may decide meanwhile.';
  return {
    code,
    title,
    description,
    min_path: 'committee',
    severity: 'high',
    owner: 'platform',
    controls: ['SR26-2'],
    remedy,
    since: '0.1.0',
    dimension: 'engine',
    figures: [],
    examples: {
      source: ENGINE_TESTS,
      fires: { case: fires, codes: [code] },
      quiet: { case: 'an ordinary retrain', codes: [] },
    },
  };
}

/** `folder`: the policies; `data`: their data in one object; `tables`: their tests. */
export type Sources = { readonly folder: string; readonly data: object; readonly tables: Tables };

/** `problems`: what a build refuses; an author may try a rule before it has its test and its code. */
export type Book = { readonly rules: readonly Rule[]; readonly problems: readonly string[] };

/**
 * Checks the house rules on the way: each code once, registered, with the path its METADATA says, with figures that are in
 * the data, and with an example of each kind.
 */
export function rulebookOf(inspected: unknown, { folder, data, tables }: Sources): Book {
  const written = writtenRules(inspected);
  const rules: Rule[] = [...OF_THE_ADAPTER, ...written.map(({ rule }) => rule)];
  const problems = [...registryProblems(rules, folder), ...pathProblems(rules, folder)];
  for (const { rule, module } of written) {
    Object.assign(rule, figuresIn(rule, data));
    if (rule.threshold && rule.figures?.length === 0) {
      problems.push(`${rule.code}: its threshold ${rule.threshold} is not in policies/data`);
    }
    const examples = examplesOf(rule.code, module, tables, (code) => rules.find((one) => one.code === code)?.min_path);
    if (typeof examples === 'string') problems.push(examples);
    else rule.examples = examples;
  }
  rules.sort((a, b) => (a.code < b.code ? -1 : 1));
  return { rules, problems };
}

/** What the data say of a rule: its figures, and who is asked for beyond its own words. */
export function figuresIn(rule: Rule, data: object): Pick<Rule, 'figures' | 'raised'> {
  const raised = raisedPaths(rule, data);
  return { figures: figuresOf(rule.threshold, data), ...(raised.length > 0 ? { raised } : {}) };
}

/** Each rule with the folder it stands in. */
function writtenRules(inspected: unknown): { rule: Rule; module: string }[] {
  return Inspected.parse(inspected).annotations.flatMap(({ annotations, location }) => {
    if (!annotations.custom) return [];
    const { title, description, custom } = annotations;
    const module = location.file.split('/').at(-2) ?? '';
    const parsed = Rule.safeParse({ ...custom, title, description, dimension: dimensionOf(module) });
    if (!parsed.success) throw new Error(`${location.file}:${location.row}: METADATA: ${z.prettifyError(parsed.error)}`);
    return [{ rule: parsed.data, module }];
  });
}

/** training_window → trainingWindow; what is no dimension (path, obligations) is of the engine. */
function dimensionOf(module: string): NonNullable<Rule['dimension']> {
  const name = module.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return DIMENSIONS.find((dimension) => dimension === name) ?? 'engine';
}

const Registry = z.strictObject({
  codes: z.array(z.strictObject({ code: z.string(), since: z.string(), retired: z.boolean() })),
});

/** policies/codes.json only ever grows: one code is one rule for ever. */
function registryProblems(rules: readonly Rule[], folder: string): string[] {
  const { codes } = Registry.parse(JSON.parse(readFileSync(join(folder, 'codes.json'), 'utf8')));
  const active = codes.filter((entry) => !entry.retired).map((entry) => entry.code);
  const named = rules.map((rule) => rule.code);
  return [
    ...named.filter((code, i) => named.indexOf(code) !== i).map((code) => `${code}: two rules carry this code`),
    ...codes
      .filter((entry, i) => codes.findIndex((e) => e.code === entry.code) !== i)
      .map((e) => `codes.json: ${e.code} twice`),
    ...named.filter((code) => !active.includes(code)).map((code) => `${code}: not in policies/codes.json, or retired there`),
    ...active.filter((code) => !named.includes(code)).map((code) => `${code}: no rule carries it; mark it as retired`),
  ];
}

/** The path stands twice, for readers of the rule and for readers of the book: they must agree. */
function pathProblems(rules: readonly Rule[], folder: string): string[] {
  const problems: string[] = [];
  for (const file of regoFiles(join(folder, 'promotion'))) {
    for (const [, code = '', path = ''] of readFileSync(file, 'utf8').matchAll(
      /shared\.(?:text|figure)\("([^"]*)", "([^"]*)"/g,
    )) {
      const said = rules.find((rule) => rule.code === code)?.min_path;
      if (said !== path) problems.push(`${code}: the rule says ${path}, its METADATA ${said ?? 'nothing'}`);
    }
  }
  return problems;
}

const regoFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'))
    .map((name) => join(folder, name));
