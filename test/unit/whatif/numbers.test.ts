import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedData, leavesOf, limitsOf, reads, valueAt, withValue } from '../../../functions/whatif/numbers.ts';

const rule = (threshold: string) => ({ title: 'a rule', threshold });

describe('R35 which numbers changed, and which rule reads them', () => {
  it('names each changed leaf once, with what was and what is', () => {
    const base = { limits: { a: 1, 'x/y': 2, gone: 3 }, list: [1, 2] };
    const head = { limits: { a: 1, 'x/y': 5, new: 4 }, list: [1, 7] };
    expect(changedData(base, head)).toEqual([
      { pointer: '/limits/gone', from: 3, to: undefined },
      { pointer: '/limits/new', from: undefined, to: 4 },
      { pointer: '/limits/x~1y', from: 2, to: 5 },
      { pointer: '/list/1', from: 2, to: 7 },
    ]);
  });

  it('a threshold covers what lies below it, and what lies between its words', () => {
    expect(reads(rule('limits.metrics.overall_ppm'), '/limits/metrics/overall_ppm/auc')).toBe(true);
    expect(reads(rule('lines.minRows'), '/lines/cards/minRows')).toBe(true);
    expect(reads(rule('limits.metrics.overall_ppm'), '/limits/metrics/segment_ppm/auc')).toBe(false);
    expect(reads({ title: 'no number' }, '/limits/metrics')).toBe(false);
  });

  it('sets one value and shares the rest: what was put is found, and nothing else moved', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, fc.integer(), fc.nat(), (root, value, place) => {
        const pointers = [...leavesOf(root).keys()].filter((pointer) => pointer !== '');
        const pointer = pointers[place % Math.max(1, pointers.length)];
        fc.pre(pointer !== undefined);
        const before = JSON.stringify(root);
        const after = withValue(root, pointer, value);
        expect(valueAt(after, pointer)).toBe(value);
        expect(changedData(root, after).filter((datum) => datum.pointer !== pointer)).toEqual([]);
        expect(JSON.stringify(root)).toBe(before);
      }),
    );
  });

  it('fills in a limit that one side did not say: the same, the changed one, or none without the rule', () => {
    const known = rule('limits.a');
    const datum = [{ pointer: '/limits/a', from: 10, to: 8 }];
    expect(limitsOf([null, 8], [known, known], datum)).toEqual([10, 8]);
    expect(limitsOf([10, null], [known, known], datum)).toEqual([10, 8]);
    expect(limitsOf([null, 8], [known, known], [])).toEqual([8, 8]);
    expect(limitsOf([null, 8], [undefined, known], datum)).toEqual([null, 8]);
  });
});
