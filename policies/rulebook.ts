// METADATA of the Rego sources → rulebook.json: the words that people read, sealed by digest with each decision.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Rule, Rulebook } from '../functions/route/pack.ts';

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

/** Rules that are no Rego: the adapter's own two, and the one that waits for activation events. */
const OF_THE_ADAPTER = [
  engineRule('POL-000', 'The policy engine failed', 'The policy gave no answer, so people must decide.'),
  engineRule('POL-003', 'The policy was never activated', 'This policy pack was not put into force by a sealed event.'),
  engineRule(
    'POL-004',
    "The policy's answer is not valid",
    'What the policy answered does not hold together, so people must decide.',
  ),
];

function engineRule(code: string, title: string, description: string): Rule {
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
  };
}

/** Checks the house rules on the way: each code once, registered, and with the path its METADATA says. */
export function rulebookOf(inspected: unknown, folder: string): z.infer<typeof Rulebook> {
  const rules: Rule[] = [...OF_THE_ADAPTER];
  for (const { annotations, location } of Inspected.parse(inspected).annotations) {
    if (!annotations.custom) continue;
    const { title, description, custom } = annotations;
    const parsed = Rule.safeParse({ ...custom, title, description });
    if (!parsed.success) throw new Error(`${location.file}:${location.row}: METADATA: ${z.prettifyError(parsed.error)}`);
    rules.push(parsed.data);
  }
  rules.sort((a, b) => (a.code < b.code ? -1 : 1));
  const problems = [...registryProblems(rules, folder), ...pathProblems(rules, folder)];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return Rulebook.parse({ schema: 'rulebook/v0', rules });
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
