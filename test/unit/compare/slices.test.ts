import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contradictionsOf } from '../../../functions/compare/contradictions.ts';
import { diffOf } from '../../../functions/compare/diff.ts';
import type { Comparison } from '../../../functions/compare/types.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { verdictsOf } from '../../../functions/domain/gate-report.ts';
import { derivedRows } from '../../../functions/domain/measure/derived.ts';
import { parseEvaluationSlice } from '../../../functions/domain/measure/predictions.ts';
import { comparisonOf, firstComparison } from '../../support/comparison.ts';
import { type Draft, evaluationRows, type Parts } from '../../support/request.ts';

type Role = Draft['dataset'][number]['role'];
const sliceOf = ({ dataset }: Draft, role: Role): Draft['dataset'][number] => {
  const slice = dataset.find((one) => one.role === role);
  if (!slice) throw new Error(`the builder has no ${role} slice`);
  return slice;
};
const changed = (role: Role, change: object) => (draft: Draft) => void Object.assign(sliceOf(draft, role), change);
const edited = (edit: Parts['edit']): Comparison => comparisonOf({ edit });
const side = <K extends 'population' | 'trainingWindow' | 'evaluation'>(c: Comparison, name: K) =>
  diffOf(c)[name].against.incumbent;
const found = (c: Comparison): string[] => contradictionsOf(c).map(({ code, pointer }) => `${code} ${pointer}`);
const saying = (c: Comparison, code: string): string | undefined =>
  contradictionsOf(c).find((problem) => problem.code === code)?.detail;

describe('R9b R32 slices are compared, not only hashed', () => {
  it('R32 another filter of the scoring slice is another population', () => {
    expect(side(comparisonOf(), 'population')).toMatchObject({
      figures: { filters: { from: 'scoring: no filter', to: 'scoring: no filter' } },
    });
    const c = edited(changed('scoring', { filters: ['region = south', 'income > 1000'] }));
    expect(side(c, 'population')).toMatchObject({
      figures: { filters: { from: 'scoring: no filter', to: 'scoring: income > 1000; region = south' } },
    });
  });

  it('R32 filters are compared whatever else is missing', () => {
    const c = edited((draft) => {
      changed('scoring', { filters: ['region = south'] })(draft);
      draft.profiles = [];
    });
    expect(side(c, 'population')).toMatchObject({
      state: 'unknown',
      figures: { filters: { to: 'scoring: region = south' }, scored: { sameRows: false } },
    });
  });

  it('R32 a scoring slice that is no newer is seen, and so are the very rows of the baseline', () => {
    const scored = (c: Comparison) => (side(c, 'population') as { figures: { scored: object } }).figures.scored;
    expect(scored(comparisonOf())).toEqual({ fromDay: 20_604, toDay: 20_634, sameRows: false });
    const old = edited(changed('scoring', { window: { from: '2026-04-01', to: '2026-05-31' } }));
    expect(scored(old)).toEqual({ fromDay: 20_604, toDay: 20_604, sameRows: false });
    const again = edited(changed('scoring', { digest: digestOf('scoring rows of version 1') }));
    expect(scored(again)).toMatchObject({ sameRows: true });
  });

  it('R40 other filters of train or validation rows are another choice of what to learn from', () => {
    for (const role of ['train', 'validation'] as const) {
      const c = edited(changed(role, { filters: ['bad = no'] }));
      expect(side(c, 'trainingWindow')).toMatchObject({
        state: 'differs',
        figures: { filters: { to: expect.stringContaining(`${role}: bad = no`) } },
      });
    }
  });

  it('R5a other filters of the evaluation rows are another way of evaluating', () => {
    expect(side(edited(changed('evaluation', { filters: ['region = north'] })), 'evaluation')).toMatchObject({
      state: 'differs',
      figures: { changed: ['filters'] },
    });
  });

  it('law: the order of filters, and the same filter twice, change nothing; a filter more or less is seen', () => {
    const filter = fc.stringMatching(/^[a-z]{1,8} = [a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 6 }), fc.nat(5), (filters, at) => {
        const text = (list: readonly string[]) => {
          const { figures } = side(edited(changed('scoring', { filters: [...list] })), 'population') as {
            figures: { filters: { to: string } };
          };
          return figures.filters.to;
        };
        expect(text([...filters].reverse().concat(filters))).toBe(text(filters));
        if (filters.length > 0) expect(text(filters.toSpliced(at % filters.length, 1))).not.toBe(text(filters));
      }),
      { numRuns: 20 },
    );
  });

  it('no two choices of rows read alike, whatever stands in a filter', () => {
    const text = (filters: string[]) =>
      (side(edited(changed('scoring', { filters })), 'population') as { figures: { filters: { to: string } } }).figures.filters
        .to;
    expect(text(['a', 'b'])).toBe('scoring: a; b');
    expect(text(['a; b'])).toBe('scoring: "a; b"');
    expect(text([])).toBe('scoring: no filter');
    expect(text(['no filter'])).toBe('scoring: "no filter"');
    expect(text(['a, scoring: b'])).toBe('scoring: "a, scoring: b"');
    expect(text(['"a'])).toBe('scoring: "\\"a"');
    const piece = fc.constantFrom('a', 'b', '; ', ', ', ': ', '"', 'no filter', 'scoring', '\\');
    const filter = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
    const choice = fc.uniqueArray(filter, { maxLength: 3 });
    fc.assert(
      fc.property(choice, choice, (one, other) => {
        const alike = JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
        expect(text(one) === text(other)).toBe(alike);
      }),
      { numRuns: 60 },
    );
  });

  it('a long list of filters is named by digest, since a finding is short', () => {
    const filters = Array.from({ length: 50 }, (_, i) => `column_${i} = ${'x'.repeat(50)}`);
    const { figures } = side(edited(changed('scoring', { filters })), 'population') as { figures: { filters: { to: string } } };
    expect(figures.filters.to).toMatch(/^1 choices, sha256:[0-9a-f]{64}$/);
  });
});

describe('R9b R40 leakage is a fact of the request alone', () => {
  const leaks = (c: Comparison) => diffOf(c).evaluation.figures.leaks;
  const overlap = changed('train', { window: { from: '2025-01-01', to: '2026-01-01' } });

  it('an honest request has none', () => {
    expect(leaks(comparisonOf())).toEqual([]);
    // A day before is not yet the day.
    expect(leaks(edited(changed('train', { window: { from: '2025-01-01', to: '2025-12-31' } })))).toEqual([]);
  });

  it('a training window that reaches into the evaluation window, also without a baseline', () => {
    const leak = [{ slice: 'train-1', of: 'evaluation-1', how: 'window-overlaps' }];
    expect(leaks(edited(overlap))).toEqual(leak);
    expect(leaks(firstComparison({ edit: overlap }))).toEqual(leak);
  });

  it.each(['evaluation', 'validation'] as const)('a %s slice cut from the training rows, or the other way round', (role) => {
    const leak = [{ slice: 'train-1', of: `${role}-1`, how: 'derived' }];
    expect(leaks(edited((d) => changed(role, { derivedFrom: sliceOf(d, 'train').digest })(d)))).toEqual(leak);
    expect(leaks(edited((d) => changed('train', { derivedFrom: sliceOf(d, role).digest })(d)))).toEqual(leak);
  });

  it('one slice more between the two hides nothing, and a circle ends', () => {
    const through = (to: 'train' | 'evaluation', from: 'train' | 'evaluation') => (d: Draft) => {
      const between = { ...sliceOf(d, 'train'), name: 'between', role: 'validation' as const, digest: digestOf('between') };
      d.dataset.push({ ...between, derivedFrom: sliceOf(d, from).digest });
      changed(to, { derivedFrom: between.digest })(d);
    };
    const leak = { slice: 'train-1', of: 'evaluation-1', how: 'derived' };
    expect(leaks(edited(through('train', 'evaluation')))).toContainEqual(leak);
    expect(leaks(edited(through('evaluation', 'train')))).toContainEqual(leak);
    const circle = (d: Draft) => {
      through('train', 'train')(d);
      changed('evaluation', { derivedFrom: digestOf('elsewhere') })(d);
    };
    expect(leaks(edited(circle))).not.toContainEqual(leak);
  });

  it.each(['evaluation', 'validation'] as const)('the bytes of the training slice as %s do not parse at all', (role) => {
    expect(() => edited((d) => changed(role, { digest: sliceOf(d, 'train').digest })(d))).toThrow('named twice');
  });
});

describe('R8b R40 fairness on a part of the evaluation slice', () => {
  const rows = evaluationRows().filter(({ region }) => region === 'north').length;
  const part = (change: object) =>
    edited((draft) => {
      const digest = digestOf('rows of the north');
      const whole = sliceOf(draft, 'evaluation');
      const derived = {
        ...whole,
        name: 'north',
        digest,
        rows,
        filters: ['region=north'],
        derivedFrom: whole.digest,
        ...change,
      };
      draft.dataset.push(derived);
      Object.assign(draft.explanation[0] ?? {}, { kind: 'fairness', slice: digest });
    });

  it('is taken when the filters, counted again, give the rows stated', () => {
    expect(found(part({}))).toEqual([]);
    expect(found(part({ filters: [' region = north '] }))).toEqual([]);
  });

  it.each<[string, object]>([
    ['a row more', { rows: rows + 1 }],
    ['a row less', { rows: rows - 1 }],
    ['another value', { filters: ['region=south '], rows: rows - 1 }],
    ['no filter', { filters: [], rows: 60 }],
    ['a column that is not there', { filters: ['weather=wet'] }],
    ['another operator', { filters: ['region!=south'] }],
    ['words', { filters: ['people of the north'] }],
    ['one true filter and one that nobody can check', { filters: ['region=north', 'the good ones'] }],
  ])('is refused with %s', (_, change) => {
    expect(found(part(change))).toEqual(['EXPLANATION_SLICE_MISMATCH /explanation/0/slice']);
  });

  it('law: every filter more can only leave fewer rows, and values divide the slice', () => {
    const table = `id,bad,region,sex\n${['n,m', 'n,f', 's,m', 's,f', 's,f'].map((x, i) => `${i},no,${x}\n`).join('')}`;
    const parsed = parseEvaluationSlice(
      new TextEncoder().encode(table),
      { rowId: 'id', label: 'bad', positive: 'yes' },
      '/slice',
    );
    if (!parsed.ok) throw new Error('the table is a table');
    const count = (...filters: string[]) => Number(derivedRows({ filters }, parsed.value));
    expect(count('region=n') + count('region=s')).toBe(5);
    fc.assert(
      fc.property(fc.constantFrom('region=n', 'region=s', 'sex=m', 'sex=f'), fc.constantFrom('region=n', 'sex=f'), (a, b) => {
        expect(count(a, b)).toBeLessThanOrEqual(Math.min(count(a), count(b)));
        expect(count(a, a)).toBe(count(a));
      }),
    );
  });
});

describe('R25 gate reports are read', () => {
  const keep = (blobs: Map<Digest, Uint8Array>, text: string): Digest => {
    const bytes = new TextEncoder().encode(text);
    blobs.set(digestOf(bytes), bytes);
    return digestOf(bytes);
  };
  const reported = (...reports: string[]) =>
    edited((draft, blobs) => {
      const [gate] = draft.gates;
      if (!gate) throw new Error('the builder has a gate');
      draft.gates = reports.map((text, i) => ({ ...gate, name: `gate ${i}`, report: keep(blobs, text) }));
    });
  const mismatch = ['GATE_REPORT_MISMATCH /gates/0/report'];

  it.each([
    ['text', 'all well'],
    ['a JSON report that says so', '{"result": "pass", "auc": 0.73}'],
    ['one that says nothing of its outcome', '{"status": "completed", "checks": [{"result": "fail"}]}'],
    ['one whose parts failed and which passed', '{"passed": true, "checks": {"status": "failed"}}'],
    ['no JSON after all', '{"result": '],
    ['a list', '[{"result": "fail"}]'],
  ])('%s is kept as it is', (_, report) => {
    expect(found(reported(report))).toEqual([]);
  });

  it.each([
    ['is empty', ''],
    ['is nothing but blanks', ' \r\n\t'],
    ['says fail', '{"result": "fail"}'],
    ['says FAILED', '{"status": "FAILED"}'],
    ['says false', '{"passed": false}'],
    ['says "false"', '{"Passed": " False "}'],
    ['says error', '{"n": 1.5, "status": "error"}'],
    ['says both', '{"result": "fail", "result": "pass"}'],
    ['begins with a byte order mark', '\uFEFF{"result": "fail"}'],
  ])('a report that %s is refused', (_, report) => {
    expect(found(reported(report))).toEqual(mismatch);
  });

  it('one report for two gates is refused, and the second is named', () => {
    const c = reported('all well', 'all well');
    expect(found(c)).toEqual(['GATE_REPORT_MISMATCH /gates/1/report']);
    expect(saying(c, 'GATE_REPORT_MISMATCH')).toContain('that of the gate "gate 0"');
  });

  it('a report that is not there is refused, and one of any bytes never throws', () => {
    expect(found(edited(({ gates: [gate] }) => void Object.assign(gate ?? {}, { report: digestOf('elsewhere') })))).toContain(
      mismatch[0],
    );
    const any = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        expect(verdictsOf(bytes).every((verdict) => ['pass', 'fail'].includes(verdict))).toBe(true);
      }),
    );
    expect(verdictsOf(new TextEncoder().encode(`{"a":${'['.repeat(100_000)}`))).toEqual([]);
  });
});
