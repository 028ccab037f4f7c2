import { describe, expect, it } from 'vitest';
import { parseEvaluationSlice, parsePredictions } from '../../../functions/domain/measure/predictions.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const HEAD = 'row_id,label,candidate,incumbent';

const problemsOf = (text: string) => {
  const parsed = parsePredictions(bytes(text));
  return parsed.ok ? [] : parsed.problems.map((p) => `${p.code} ${p.pointer} ${p.detail}`);
};

describe('predictions/v1', () => {
  it('R5 reads ids, labels, scores and segments as typed columns', () => {
    const parsed = parsePredictions(
      bytes(`${HEAD},lastHumanApproved,age,sex\n7,1,0.25,0.5,,"18, or less",f\n8,0,0.1,0.2,,b,m\n`),
    );
    expect(parsed).toMatchObject({
      ok: true,
      value: { rowIds: ['7', '8'], labels: [1, 0], candidate: [0.25, 0.1], incumbent: [0.5, 0.2], lastHumanApproved: null },
    });
    expect(parsed.ok && [...parsed.value.segments]).toEqual([
      ['age', ['18, or less', 'b']],
      ['sex', ['f', 'm']],
    ]);
  });

  it('R5 a first promotion leaves the incumbent empty', () => {
    expect(parsePredictions(bytes(`${HEAD}\n1,0,0.5,\n`))).toMatchObject({ ok: true, value: { incumbent: null } });
  });

  it('R19 names everything wrong at once', () => {
    const problems = problemsOf(`${HEAD}\n1,0,0.5,0.5\n1,yes,1e-3,\n,1,NaN,0.1\n`);
    expect(problems).toHaveLength(6);
    expect(problems.every((p) => p.startsWith('BYTES_UNREADABLE /predictions row '))).toBe(true);
  });

  it.each([
    ['other first columns', 'id,label,candidate,incumbent\n', 'BYTES_UNREADABLE'],
    ['a short row', `${HEAD}\n1,0\n`, 'BYTES_UNREADABLE'],
    ['a broken quote', `${HEAD}\n"1,0,0.5,0.5\n`, 'BYTES_UNREADABLE'],
    ['a column twice', `${HEAD},a,a\n1,0,0.5,0.5,x,y\n`, 'BYTES_UNREADABLE'],
    ['nothing', '', 'BYTES_UNREADABLE'],
    ['too many columns', `${HEAD}${',c'.repeat(4001)}\n`, 'BODY_TOO_LARGE'],
  ])('R19 refuses %s', (_what, text, code) => {
    expect(problemsOf(text)[0]).toMatch(new RegExp(`^${code} `));
  });

  it('R19 refuses bytes that are not UTF-8', () => {
    expect(parsePredictions(new Uint8Array([0xff, 0xfe, 0x00]))).toMatchObject({ problems: [{ code: 'BYTES_UNREADABLE' }] });
  });
});

describe('evaluation slice', () => {
  const columns = { rowId: 'id', label: 'bad', positive: 'yes' };

  it('R9a takes its id, label and positive value from the evaluation regime', () => {
    const parsed = parseEvaluationSlice(bytes('id,bad,age\n3,yes,old\n4,no,young\n'), columns, '/x');
    expect(parsed).toMatchObject({ ok: true, value: { rowIds: ['3', '4'], labels: [1, 0] } });
    expect(parsed.ok && [parsed.value.column('age'), parsed.value.column('none')]).toEqual([['old', 'young'], undefined]);
  });

  it('R9a names missing columns and doubled ids', () => {
    expect(parseEvaluationSlice(bytes('a,b\n1,2\n'), columns, '/x')).toMatchObject({
      problems: [{ pointer: '/evaluationRegime/rowId' }, { pointer: '/evaluationRegime/label' }],
    });
    expect(parseEvaluationSlice(bytes('id,bad\n1,yes\n1,no\n'), columns, '/x')).toMatchObject({
      problems: [{ pointer: '/x' }],
    });
  });
});
