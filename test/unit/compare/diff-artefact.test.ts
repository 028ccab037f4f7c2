import { describe, expect, it } from 'vitest';
import { diffOf } from '../../../functions/compare/diff.ts';
import type { Comparison } from '../../../functions/compare/types.ts';
import { DIMENSIONS } from '../../../functions/domain/diff.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { baselineOf, comparisonOf } from '../../support/comparison.ts';
import { type Draft, evaluationRows, type Parts, requestOf } from '../../support/request.ts';

const of = <T>(list: readonly T[], i = 0): T => {
  const item = list[i];
  if (item === undefined) throw new Error(`no item ${i}`);
  return item;
};
const edited = (edit: Parts['edit']): Comparison => comparisonOf({ edit });
const differing = (c: Comparison) => DIMENSIONS.filter((name) => diffOf(c)[name].state === 'differs');

describe('the files of the model', () => {
  const files = (edit: (list: Draft['model']['files']) => void) => edited(({ model }) => edit(model.files));
  const side = (c: Comparison) => diffOf(c).artefact.against.incumbent;

  it('R4a refitted weights are measured, and the same files are the same', () => {
    expect(side(comparisonOf())).toEqual({
      state: 'measured',
      figures: {
        name: { from: 'small-loans-pd', to: 'small-loans-pd' },
        library: { from: 'scikit-learn 1.9', to: 'scikit-learn 1.9' },
        added: [],
        removed: [],
        roles: [],
        changed: [{ path: 'weights.json', role: 'weights' }],
      },
    });
    expect(side(comparisonOf({ version: '1' })).state).toBe('same');
  });

  it.each(['preprocessor', 'other'] as const)('R4a other bytes of role %s are recorded and no difference', (role) => {
    const x = (text: string) => ({ path: 'x', role, size: 1, digest: digestOf(text), custody: 'vault' as const });
    const before = baselineOf(requestOf({ edit: ({ model }) => void model.files.push(x('a')) }));
    const c = comparisonOf({ edit: ({ model }) => void model.files.push(x('b')) }, { incumbent: before });
    expect(side(c)).toMatchObject({ state: 'measured', figures: { changed: [{ path: 'weights.json' }, { path: 'x', role }] } });
  });

  it.each([
    [
      'R4a config bytes',
      files((list) => Object.assign(of(list, 1), { digest: digestOf('other') })),
      { changed: [{ path: 'config.json', role: 'config' }, { path: 'weights.json' }] },
    ],
    [
      'R4a a file more',
      files((list) => list.push({ ...of(list), path: 'a', role: 'other' })),
      { added: [{ path: 'a', role: 'other' }] },
    ],
    ['R4a a file less', files((list) => list.splice(1, 1)), { removed: [{ path: 'config.json', role: 'config' }] }],
    [
      'R4a another role',
      files((list) => Object.assign(of(list, 1), { role: 'other' })),
      { roles: [{ path: 'config.json', from: 'config', to: 'other' }] },
    ],
    [
      'R32a another library',
      edited(({ model }) => Object.assign(model, { library: 'x' })),
      { library: { from: 'scikit-learn 1.9', to: 'x' } },
    ],
    [
      'R31 another name',
      edited(({ model }) => Object.assign(model, { name: 'x' })),
      { name: { from: 'small-loans-pd', to: 'x' } },
    ],
  ])('%s: the artefact differs, and nothing else does', (_, c, figures) => {
    expect(differing(c)).toEqual(['artefact']);
    expect(side(c)).toMatchObject({ state: 'differs', figures });
  });

  it('R31 R32a copied scores under other weights are in doubt, by the column or as sealed; under the same weights they are not', () => {
    const copied = comparisonOf({ rows: evaluationRows() });
    expect(diffOf(copied).evidence).toMatchObject({ state: 'unknown', why: ['scores-not-of-these-weights'] });
    const nearly = comparisonOf({ rows: evaluationRows(), incumbent: evaluationRows().map(({ score }) => score + 0.000001) });
    expect(diffOf(nearly).evidence).toMatchObject({ why: ['scores-not-of-these-weights'] });
    expect(diffOf(comparisonOf({ rows: evaluationRows(), version: '1' })).evidence.state).toBe('measured');
    expect(diffOf(comparisonOf({ rows: evaluationRows(), predictions: false })).evidence.state).toBe('measured');
  });
});
