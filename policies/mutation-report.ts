// The figures of a mutation run in words, with every survivor and why it does no harm.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Fate, Judged } from './mutate.ts';
import { POLICIES } from './tools/run.ts';

const TARGET = 95;

/** Mutants that no test can notice, with the reason. A list that people write and review. */
const Survivors = z.record(z.string(), z.string().min(10));
export const knownSurvivors = (): Record<string, string> =>
  Survivors.parse(JSON.parse(readFileSync(join(POLICIES, 'mutation-survivors.json'), 'utf8')));

const cell = (text: string) => `\`${text.replaceAll('|', '\\|').replaceAll('`', '')}\``;

export function mutationReport(judged: readonly Judged[]): { line: string; text: string; problems: string[] } {
  const known = knownSurvivors();
  const of = (fate: Fate) => judged.filter((one) => one.fate === fate);
  const alive = of('survived');
  const valid = judged.length - of('invalid').length;
  const share = (n: number) => `${((100 * n) / valid).toFixed(1)} %`;
  const killed = valid - alive.length;
  const unexplained = alive.filter(({ mutant }) => known[mutant.id] === undefined);
  const line =
    `${killed} of ${valid} mutants killed (${share(killed)}): ${of('tests').length} by the tables of tests, ` +
    `${of('corpus').length} only by compared decisions, ${alive.length} alive`;
  const rows = (list: readonly Judged[]) =>
    list.map(({ mutant }) => `| policies/${mutant.file}:${mutant.line} | ${cell(mutant.what)} | ${known[mutant.id] ?? '—'} |`);
  const text = [
    '# How well the tests of the policies notice a mistake',
    '',
    'Written by `npm run policy:mutate -- --write`. Each mutant changes one thing in a rule or in a number: a comparison is flipped,',
    'a line or a rule is left out, a condition is negated, a path is made lighter, a limit is moved by one, a list is one shorter.',
    'All tests must pass on the unchanged policies (`opa test`), or nothing is counted. Then the tables of tests beside the rule run on',
    'the mutant, and after them all others; if each row passes that passed before, the decisions on a corpus of committed and generated',
    'inputs, and on every figure set beside every number of the data, are compared with those of the unchanged policies.',
    '',
    '| | |',
    '|---|---|',
    `| mutants made | ${judged.length} |`,
    `| of these refused by the compiler or a schema, not counted | ${of('invalid').length} |`,
    `| counted | ${valid} |`,
    `| killed by the tables of tests | ${of('tests').length} (${share(of('tests').length)}) |`,
    `| killed only by compared decisions | ${of('corpus').length} |`,
    `| alive | ${alive.length} |`,
    `| **killed** | **${share(killed)}** (at least ${TARGET} % is asked for) |`,
    '',
    'The register of lines (`data/lines.json`) is not mutated: who sits in a committee is a fact that no test of rules can check.',
    '',
    '## Alive, and why that does no harm',
    '',
    '| where | mutant | why it is the same |',
    '|---|---|---|',
    ...rows(alive),
    '',
    ...(of('corpus').length > 0
      ? ['## Killed only by compared decisions', '', '| where | mutant | |', '|---|---|---|', ...rows(of('corpus')), '']
      : []),
  ].join('\n');
  const problems = [
    ...(killed * 100 < TARGET * valid ? [`less than ${TARGET} % are killed`] : []),
    ...unexplained.map(({ mutant }) => `policies/${mutant.file}:${mutant.line}: no test notices that ${mutant.what}`),
  ];
  return { line, text, problems };
}
