// A sample of what `npm run policy:mutate` does in full: small mistakes in rules and numbers, each of which must be noticed.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mutant, mutantsOf } from '../../../policies/mutants.ts';
import { mutate } from '../../../policies/mutate.ts';
import { testsOf } from '../../../policies/mutate-tests.ts';
import { knownSurvivors } from '../../../policies/mutation-report.ts';
import { POLICIES } from '../../../policies/tools/run.ts';

const TEN_MINUTES = 600_000;

/** Always the same ones while the sources are the same, from all over the files. */
const sample = (all: readonly Mutant[], count: number) => all.filter((_, i) => i % Math.floor(all.length / count) === 7);

describe('what counts as noticed', { timeout: TEN_MINUTES }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-mutation-'));
  const path = join(folder, 'promotion/loss/loss.rego');
  const rules = readFileSync(join(POLICIES, 'promotion/loss/loss.rego'), 'utf8');
  beforeAll(() => {
    for (const part of ['promotion', 'data', 'fixtures', 'schemas', 'capabilities.json'])
      cpSync(join(POLICIES, part), join(folder, part), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('what its own tests notice, what only those of others do, what none does, and what does not compile', async () => {
    const tests = await testsOf();
    const notice = async (file: string, change: (text: string) => string) => {
      const text = readFileSync(join(folder, file), 'utf8');
      expect(change(text)).not.toBe(text);
      writeFileSync(join(folder, file), change(text));
      try {
        return await tests.notice(folder, file);
      } finally {
        writeFileSync(join(folder, file), text);
      }
    };
    const loss = 'promotion/loss/loss.rego';
    expect(await notice(loss, (text) => text.replace('change.from != change.to', 'change.from == change.to'))).toBe('noticed');
    expect(await notice(loss, (text) => text.replace('"LOS-001", "committee"', '"LOS-001", "reviewer"'))).toBe('noticed');
    expect(await notice(loss, (text) => `${text}\n_nobody_asks := 1\n`)).toBe('unnoticed');
    expect(await notice(loss, (text) => `${text}\nx if y\n`)).toBe('refused');
    expect(await notice(loss, (text) => `${text}\ncleared := 1 if input.loss\n`)).toBe('noticed'); // two values at once
    expect(await notice('data/limits.json', (text) => text.replace('250000', '250001'))).toBe('noticed');
  });

  it('nothing, while the tests fail on the unchanged policies', async () => {
    writeFileSync(path, rules.replace('change.from != change.to', 'change.from == change.to'));
    await expect(mutate({ of: folder, pick: () => [] })).rejects.toThrow(/unchanged policies:[\s\S]*loss_test/);
  });
});

describe('the tests of the policies notice mistakes', () => {
  it(
    'thirty of them, all noticed but those that are listed with the reason',
    async () => {
      const judged = await mutate({ pick: (all) => sample(all, 30), generated: 50, width: 2 });
      const known = knownSurvivors();
      const alive = judged.filter(({ fate, mutant }) => fate === 'survived' && known[mutant.id] === undefined);
      expect(alive.map(({ mutant }) => `${mutant.file}:${mutant.line} ${mutant.what}`)).toEqual([]);
      expect(judged.filter(({ fate }) => fate === 'tests').length).toBeGreaterThan(10);
    },
    TEN_MINUTES,
  );

  it('each mutant has a name of its own, and each listed survivor is still a mutant', () => {
    const ids = mutantsOf(POLICIES).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(knownSurvivors()).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('mutants are made of every kind', () => {
    const kinds = new Set(mutantsOf(POLICIES).map(({ what }) => what.split(':')[0]));
    for (const kind of ['> becomes >=', '== becomes !=', 'line is dropped', 'rule is deleted', 'negated', 'not is dropped']) {
      expect(kinds).toContain(kind);
    }
    for (const kind of ['path committee becomes reviewer', 'false becomes true', '100000 becomes 100001'])
      expect(kinds).toContain(kind);
  });
});
