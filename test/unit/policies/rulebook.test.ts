import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figuresOf } from '../../../functions/route/rule-figures.ts';
import { exampleText, valueText } from '../../../functions/route/rule-text.ts';
import type { Rule } from '../../../functions/route/rulebook.ts';
import { examplesOf, tablesOf } from '../../../policies/rulebook-examples.ts';
import { rulebookPage } from '../../../policies/rulebook-page.ts';
import { packData, rulebook } from '../../../policies/sources.ts';
import { committedPack } from '../../support/pack.ts';

const POLICIES = join(import.meta.dirname, '../../../policies');
const rules = [...committedPack().rules.values()];
const ruleOf = (code: string): Rule => {
  const found = rules.find((rule) => rule.code === code);
  if (!found) throw new Error(`no rule ${code}`);
  return found;
};

describe('R52 the rule book of the committed pack', () => {
  it('RULEBOOK.md is the page of the rule book that is sealed, and holds every rule', () => {
    const page = readFileSync(join(POLICIES, 'RULEBOOK.md'), 'utf8');
    expect(page).toBe(rulebookPage(rules));
    expect(rules.filter((rule) => !page.includes(`### ${rule.code}: ${rule.title}\n`))).toEqual([]);
  });

  it('every rule has words, a dimension, an example that fires it and one that does not', () => {
    const wanting = rules.filter(
      ({ code, dimension, examples }) =>
        !dimension || !examples?.fires.codes.includes(code) || !examples.quiet || examples.quiet.codes.includes(code),
    );
    expect(wanting).toEqual([]);
  });

  it('R35 every threshold leads to its number in policies/data, by file and pointer', () => {
    for (const rule of rules.filter(({ threshold }) => threshold)) {
      expect(rule.figures?.length, rule.code).toBeGreaterThan(0);
      for (const { file, pointer, value } of rule.figures ?? []) {
        if (pointer.includes('*')) continue;
        expect(at(JSON.parse(readFileSync(join(POLICIES, file), 'utf8')), pointer), `${rule.code} ${pointer}`).toEqual(value);
      }
    }
  });

  it('shows the two sides of a limit where the tests have them', () => {
    const limit = ruleOf('POP-002').figures?.[0]?.value as number;
    expect(ruleOf('POP-002').examples).toEqual({
      source: 'promotion/population/population_limits_test.rego',
      fires: { case: `score at ${limit + 1}`, codes: ['POP-002'] },
      quiet: { case: `score at ${limit}`, codes: ['POP-001'] },
    });
    expect(exampleText({ case: 'as before', codes: [] })).toBe('“as before” → no rule fires');
  });
});

describe('figures in words', () => {
  it('millionths are decimals with two places at least, exact', () => {
    const text = (value: number) => valueText({ pointer: '/a/b_ppm', value });
    expect([0, 1, 50_000, 100_000, 100_001, 1_000_000, -20_000].map(text)).toEqual([
      '0.00',
      '0.000001',
      '0.05',
      '0.10',
      '0.100001',
      '1.00',
      '-0.02',
    ]);
    expect(valueText({ pointer: '/a/days', value: 180 })).toBe('180');
    expect(valueText({ pointer: '/a/overall_ppm', value: { auc: 20_000 } })).toBe('auc 0.02');
  });

  it('one value at many places is one figure; different ones are listed', () => {
    const lines = (b: number) => ({ lines: { a: { minRows: 80 }, b: { minRows: b } } });
    expect(figuresOf('lines.*.minRows', lines(80))).toEqual([
      { file: 'data/lines.json', pointer: '/lines/*/minRows', value: 80 },
    ]);
    expect(figuresOf('lines.*.minRows', lines(90)).map(({ pointer }) => pointer)).toEqual([
      '/lines/a/minRows',
      '/lines/b/minRows',
    ]);
    expect(figuresOf('lines.*.nothing', lines(80))).toEqual([]);
  });
});

describe('R50 R52 the build refuses a rule without examples', () => {
  const table = (cases: object) => tablesOf({ result: [{ expressions: [{ value: { loss_test: cases } }] }] });
  const pathOf = () => 'committee' as const;

  it('that no case fires, and that no case leaves quiet', () => {
    expect(examplesOf('LOS-001', 'loss', table({ 'as before': { do: [], codes: [] } }), pathOf)).toBe(
      'LOS-001: no case fires it: add one to _cases of policies/promotion/loss/loss_test.rego',
    );
    expect(examplesOf('LOS-001', 'loss', table({ another: { do: [], codes: ['LOS-001'] } }), pathOf)).toBe(
      'LOS-001: no case leaves it quiet: add one to _cases of policies/promotion/loss/loss_test.rego',
    );
  });

  it('a table of another shape is named by case and key', () => {
    expect(() => table({ odd: { do: [], codes: 'LOS-001' } })).toThrow('_cases of loss_test / odd / codes');
  });

  describe('in a copy of the policies', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-policies-'));
    beforeAll(() => cpSync(POLICIES, folder, { recursive: true }));
    afterAll(() => rmSync(folder, { recursive: true }));
    const edit = (path: string, from: string, to: string) => {
      const text = readFileSync(join(folder, path), 'utf8');
      expect(text).toContain(from);
      writeFileSync(join(folder, path), text.replaceAll(from, to));
    };

    it('says what is missing when every case of a rule goes, and when its number is not in the data', async () => {
      edit('promotion/loss/loss_test.rego', '"codes": {"LOS-001"}', '"codes": set()');
      edit('promotion/population/population.rego', 'limits.population.null99_ppm', 'limits.population.nowhere_ppm');
      const { problems } = await rulebook(folder, packData(folder));
      expect(problems).toContain('POP-007: its threshold limits.population.nowhere_ppm is not in policies/data');
      expect(problems.filter((text) => text.startsWith('LOS-001: no case fires it'))).toHaveLength(1);
    });
  });
});

function at(root: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((here, part) => (here as Record<string, unknown>)[part], root);
}
