// A sample of what `npm run policy:mutate` does in full: small mistakes in rules and numbers, each of which must be noticed.
import { describe, expect, it } from 'vitest';
import { type Mutant, mutantsOf } from '../../../policies/mutants.ts';
import { mutate } from '../../../policies/mutate.ts';
import { knownSurvivors } from '../../../policies/mutation-report.ts';
import { POLICIES } from '../../../policies/tools/run.ts';

const TEN_MINUTES = 600_000;

/** Always the same ones while the sources are the same, from all over the files. */
const sample = (all: readonly Mutant[], count: number) => all.filter((_, i) => i % Math.floor(all.length / count) === 7);

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
