import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindsOf } from '../../../cli/build-profile.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { parseValue } from '../../../functions/domain/parse.ts';
import { Profile } from '../../../functions/domain/profile.ts';
import { LIMITS } from '../../../functions/profile/batch.ts';
import { openCsv } from '../../../functions/profile/csv.ts';
import { chunksOf, profileText, sealed, unwrap } from './support.ts';

const column = (profile: Profile, name: string) => profile.columns.find((each) => each.name === name);
const csv = (header: string, ...rows: string[]) => `${[header, ...rows].join('\n')}\n`;
const A = digestOf('model a');
const B = digestOf('model b');

describe('columns', () => {
  test('a column of nothing but numbers is numeric, missing values apart', async () => {
    const profile = unwrap(await profileText(csv('x,y', '1,a', ',b', '3,', '2e0,a')));
    expect(column(profile, 'x')).toMatchObject({ kind: 'numeric', missing: 1, own: { edges: expect.any(Array) } });
    expect(column(profile, 'y')).toEqual({
      name: 'y',
      kind: 'categorical',
      own: {
        values: [
          { value: 'a', count: 2 },
          { value: 'b', count: 1 },
        ],
      },
      missing: 1,
    });
  });

  test.each(['0x10', ' ', 'NaN', 'Infinity', '1,5', '1_000', '--1'])('%j is no number', async (text) => {
    const profile = unwrap(await profileText(csv('x', '1', `"${text}"`)));
    expect(column(profile, 'x')?.kind).toBe('categorical');
  });

  test('an edge at the maximum is dropped: no bin that nothing can fall into', async () => {
    const profile = unwrap(await profileText(csv('x', ...Array(15).fill('1'), ...Array(16).fill('2'))));
    expect(column(profile, 'x')).toMatchObject({ own: { edges: ['1'], counts: [15, 16] } });
  });

  test('R32 one value only: cut on both sides of it, or no later value could ever be seen to differ', async () => {
    const profile = unwrap(await profileText(csv('x', '5', '5')));
    expect(column(profile, 'x')).toMatchObject({ own: { edges: ['4.999999999999999', '5'], counts: [0, 2, 0] } });
  });

  test('R32 nine deciles at the maximum: cut on both sides of it, so that its share can move', async () => {
    const rows = ['0', ...Array.from({ length: 19 }, () => '1')];
    const profile = unwrap(await profileText(csv('x', ...rows)));
    expect(column(profile, 'x')).toMatchObject({ own: { edges: ['0', '1'], counts: [1, 19, 0] } });
  });

  test('the feature type overrides what the values look like', async () => {
    const kinds = new Map([
      ['code', 'categorical'],
      ['amount', 'numeric'],
    ] as const);
    const text = csv('code,amount', '10,', '20,');
    const profile = unwrap(await profileText(text, { kinds }));
    expect(column(profile, 'code')).toMatchObject({ kind: 'categorical' });
    expect(column(profile, 'amount')).toMatchObject({ kind: 'numeric', missing: 2, own: { edges: [], counts: [0] } });
    const wrong = await profileText(csv('amount,score', 'many,high'), { kinds, scores: new Map([['score', A]]) });
    expect(wrong).toMatchObject({ ok: false, problems: [{ pointer: '/columns/amount' }, { pointer: '/columns/score' }] });
  });

  test.each([
    ['long', 'numeric'],
    ['Int64', 'numeric'],
    ['string', 'categorical'],
    ['boolean', 'categorical'],
  ])('type %s is %s; an unknown type is left to the values', (type, kind) => {
    const base = { required: true, family: 'f', source: 's', transformDigest: A, protected: 'no' } as const;
    const features = [
      { ...base, name: 'x', type },
      { ...base, name: 'z', type: 'tensor' },
    ];
    expect([...kindsOf(features)]).toEqual([['x', kind]]);
  });
});

describe('baselines', () => {
  test('R44 R32: the same rows are counted at the sealed edges of each baseline, edges are never inherited', async () => {
    const before = sealed(unwrap(await profileText(csv('x', '1', '2', '3', '4'))));
    const after = unwrap(await profileText(csv('x', '4', '5', '6', '7'), { baselines: [before] }));
    const own = column(before.profile, 'x');
    expect(column(after, 'x')).toMatchObject({ at: [{ profile: before.digest }] });
    const numeric = column(after, 'x');
    if (own?.kind !== 'numeric' || numeric?.kind !== 'numeric') throw new Error('numeric');
    expect(numeric.at[0]?.edges).toEqual(own.own.edges);
    expect(numeric.at[0]?.counts.at(-1)).toBe(4);
    expect(numeric.own.edges).not.toEqual(own.own.edges);
  });

  test('a score is matched by the model that gave it, not by its name', async () => {
    const before = sealed(unwrap(await profileText(csv('score', '0.1', '0.9'), { scores: new Map([['score', A]]) })));
    const scores = new Map([
      ['score', B],
      ['old', A],
    ]);
    const after = unwrap(await profileText(csv('score,old', '0.5,0.2', '0.6,0.3'), { scores, baselines: [before] }));
    expect(column(after, 'score')).toMatchObject({ scoredBy: B, at: [] });
    expect(column(after, 'old')).toMatchObject({ scoredBy: A, at: [{ profile: before.digest }] });
  });

  test('an input is not matched with a score of the same name', async () => {
    const before = sealed(unwrap(await profileText(csv('x', '0.1', '0.9'), { scores: new Map([['x', A]]) })));
    const after = unwrap(await profileText(csv('x', '0.1', '0.9'), { baselines: [before] }));
    expect(column(after, 'x')).toMatchObject({ at: [] });
  });

  test('two baselines that are one profile are counted once', async () => {
    const before = sealed(unwrap(await profileText(csv('x', '1', '2'))));
    const after = unwrap(await profileText(csv('x', '1', '2'), { baselines: [before, before] }));
    expect(column(after, 'x')).toMatchObject({ at: [{ profile: before.digest }] });
  });
});

describe('what cannot be read is refused', () => {
  test.each([
    ['a row with a field too many', 'x,y\n1,2\n1,2,3\n', 'BYTES_UNREADABLE'],
    ['a quote that is never closed', 'x\n"1\n2\n', 'BYTES_UNREADABLE'],
    ['no header', '', 'BYTES_UNREADABLE'],
    ['a column that stands twice', 'x,x\n1,2\n', 'BYTES_UNREADABLE'],
    ['free text', `x\n${'word '.repeat(120)}\n`, 'INVALID_VALUE'],
    ['an identifier', `x\n${Array.from({ length: 10_001 }, (_, i) => `id-${i}`).join('\n')}\n`, 'INVALID_VALUE'],
  ])('%s', async (_, text, code) => {
    expect(await profileText(text)).toMatchObject({ ok: false, problems: [{ code }] });
  });

  test('absent columns are all named', async () => {
    const result = await profileText('x\n1\n', { columns: ['x', 'y'], segments: ['z'], scores: new Map([['s', A]]) });
    expect(result.ok ? [] : result.problems.map(({ pointer }) => pointer)).toEqual(['/columns/y', '/columns/s', '/columns/z']);
  });

  test('a fault of the source is thrown, not taken for the end of the file', async () => {
    async function* breaking() {
      yield Buffer.from('x\n1\n');
      throw new Error('disk');
    }
    const read = async () => {
      const source = unwrap(await openCsv(breaking()));
      for await (const _ of source.batches([], LIMITS));
    };
    await expect(read()).rejects.toThrow('disk');
  });
});

describe('laws', () => {
  const cell = fc.oneof(
    fc.constant(''),
    fc.integer({ min: -50, max: 50 }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  const rows = fc.array(fc.tuple(cell, fc.constantFrom('a', 'b', '')), { minLength: 1, maxLength: 60 });
  const textOf = (list: readonly (readonly [string, string])[]) => csv('x,g', ...list.map(([x, g]) => `"${x}",${g}`));
  const options = { columns: ['x', 'g'], segments: ['g'], scores: new Map([['x', A]]) };

  test('every row is counted once: bins and missing add up, own, at a baseline, and over segment values', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, after) => {
        const baseline = sealed(unwrap(await profileText(textOf(before), options)));
        const profile = unwrap(await profileText(textOf(after), { ...options, baselines: [baseline] }));
        expect(parseValue(Profile, profile).ok).toBe(true);
        const x = column(profile, 'x');
        if (x?.kind !== 'numeric') throw new Error('numeric');
        const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
        expect(sum(x.own.counts) + x.missing).toBe(after.length);
        expect(sum(x.at[0]?.counts ?? []) + x.missing).toBe(after.length);
        const within = profile.segments.map(({ scores }) => scores[0]);
        expect(x.own.counts.map((_, bin) => sum(within.map((score) => score?.own[bin] ?? 0)))).toEqual(x.own.counts);
        expect(sum(profile.segments.map((segment) => segment.rows))).toBe(after.length);
      }),
      { numRuns: 60 },
    );
  });

  test('neither the order of rows nor how the bytes arrive changes the profile', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 64 }), async (list, size) => {
        const one = unwrap(await profileText(textOf(list), options));
        const other = unwrap(await profileText(textOf([...list].reverse()), options, size));
        expect(sealed(other).digest).toBe(sealed(one).digest);
      }),
      { numRuns: 60 },
    );
  });

  test('text with quotes, commas and line breaks survives', async () => {
    const source = unwrap(await openCsv(chunksOf('\uFEFFx\r\n"a, ""b""\nc"\r\n', 1)));
    const read: unknown[] = [];
    const want = { at: 0, numbers: false, texts: true, codes: false };
    for await (const { columns } of source.batches([want], LIMITS)) read.push(columns[0]?.texts?.values);
    expect([source.columns, read]).toEqual([['x'], [['a, "b"\nc']]]);
  });
});
