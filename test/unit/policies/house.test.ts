// `npm run policy`: what is wrong is told with file, line and rule. The house rules have their own examples in policies/checks.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPolicies } from '../../../policies/check.ts';
import { parsedFile, sayProblem } from '../../../policies/data-files.ts';
import { houseInput, houseProblems } from '../../../policies/house.ts';
import { POLICIES } from '../../../policies/tools/run.ts';
import { packFiles } from '../../support/pack.ts';

const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as object;
const TEN_MINUTES = 600_000;

describe('R35 the policies as they are committed', () => {
  it(
    'pass every check: data, format, strict check, house rules, tests, coverage, bytes',
    async () => {
      const steps: string[] = [];
      expect((await checkPolicies((step) => steps.push(step))).map(sayProblem)).toEqual([]);
      expect(steps).toHaveLength(6);
    },
    TEN_MINUTES,
  );
});

describe('a wrong number in a data file', () => {
  const limits = readFileSync(join(POLICIES, 'data/limits.json'), 'utf8');
  const told = (text: string) => parsedFile('limits.json', text, 'policies/data/limits.json').problems.map(sayProblem);
  const rowOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

  it('is told by file, line, pointer and rule', () => {
    expect(told(limits)).toEqual([]);
    const [, name = '', value = ''] = /"(\w+_ppm)": (\d+)/.exec(limits) ?? [];
    for (const wrong of ['-1', '0.1', '"100"', 'null']) {
      const text = limits.replace(`"${name}": ${value}`, `"${name}": ${wrong}`);
      const [first = ''] = told(text);
      expect(first).toMatch(new RegExp(`^policies/data/limits.json:${rowOf(text, `"${name}"`)}: /limits/\\S*${name}: `));
      expect(first).toContain('[data]');
    }
  });

  it('so is a key that nobody knows, a key that is missing, text that is no JSON, and a file without a schema', () => {
    expect(told(limits.replace('"limits": {', '"limits": { "mood": 1,'))[0]).toContain('/limits/mood');
    expect(told('{ "limits": {} }')[0]).toContain('MISSING_KEY');
    expect(told('{ "limits": ')[0]).toContain('JSON_SYNTAX');
    expect(parsedFile('mood.json', '{}', 'policies/data/mood.json').problems.map(sayProblem)[0]).toContain(
      'no schema has this name',
    );
  });
});

describe('a house rule that is broken in real sources', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-house-'));
    for (const part of ['promotion', 'capabilities.json', 'codes.json'])
      cpSync(join(POLICIES, part), join(folder, part), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = 'promotion/loss/loss.rego';
  const broken = async (change: (text: string) => string) => {
    const text = change(readFileSync(join(folder, file), 'utf8'));
    writeFileSync(join(folder, file), text);
    const problems = await houseProblems(await houseInput(data, folder));
    const told = problems.map(({ rule, row, file: at }) => ({ rule, at, line: text.split('\n')[row - 1]?.trim() }));
    return told.sort((a, b) => (a.rule < b.rule ? -1 : 1));
  };
  const at = `policies/${file}`;

  it('nothing is told of the sources as they are', async () => {
    expect(await broken((text) => text)).toEqual([]);
  });

  it('a limit in code, with its line', async () => {
    const line = 'count(input.loss.why) < 25';
    const told = await broken((text) =>
      text.replace('\tchange.from != change.to\n', `\tchange.from != change.to\n\t${line}\n`),
    );
    expect(told).toEqual([{ rule: 'number-in-code', at, line }]);
  });

  it('a rule that says another path than its METADATA, with its line', async () => {
    const [told] = await broken((text) => text.replace('"LOS-001", "committee"', '"LOS-001", "reviewer"'));
    expect(told).toMatchObject({ rule: 'other-path', at, line: expect.stringContaining('"LOS-001", "reviewer"') });
  });

  it('a rule without METADATA, and the code that nobody carries then', async () => {
    const told = await broken((text) => text.replace(/# METADATA\n# title: The loss[\s\S]*?(?=findings)/, ''));
    expect(told.map(({ rule }) => rule)).toEqual(['no-metadata', 'other-path', 'unused-code']);
    expect(told[0]?.line).toBe('findings contains finding if {');
  });

  it('a dimension that is cleared until shown otherwise, or reads the clock', async () => {
    const told = await broken(
      (text) => `${text.replace('default cleared := false', 'default cleared := true')}\n_now := time.now_ns()\n`,
    );
    expect(told).toEqual([
      { rule: 'banned-call', at, line: '_now := time.now_ns()' },
      { rule: 'no-default-false', at, line: '# METADATA' },
    ]);
  });
});
