import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, test } from 'vitest';
import { openTable } from '../../../cli/table/open.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { type ProfileOptions, profileOf } from '../../../functions/profile/profile.ts';
import { profileText, sealed, unwrap } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options: ProfileOptions = {
  slice: digestOf('slice'),
  segments: ['g'],
  scores: new Map([['s', digestOf('a')]]),
  baselines: [],
};

type ColumnData = Parameters<typeof parquetWriteBuffer>[0]['columnData'];
const bytesOf = (columnData: ColumnData, rowGroupSize = 7) => new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));

async function profiled(bytes: Uint8Array, given: ProfileOptions = options, name = 'rows.parquet') {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const source = await openTable(path);
  return source.ok ? profileOf(source.value, given) : source;
}

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const row = fc.record({
  i: maybe(fc.integer({ min: -5, max: 5 })),
  l: fc.oneof(fc.bigInt({ min: -5n, max: 5n }), fc.constantFrom(2n ** 53n + 1n, -(2n ** 62n))),
  d: maybe(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1e-7, 1e21, 0.1))),
  s: fc.double({ noNaN: true, noDefaultInfinity: true }),
  b: fc.boolean(),
  g: fc.constantFrom('a', 'é', 'x,"y"', 'line\nbreak'),
});

describe('a Parquet file is counted as the same table in a CSV', () => {
  test.each([
    ['numbers by their values', {}],
    ['integers over 2^53 by their text', { kinds: new Map([['l', 'categorical']] as const) }],
  ])('%s', async (_, more) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        const of = <K extends keyof (typeof rows)[0]>(key: K) => rows.map((one) => one[key]);
        const parquet = bytesOf([
          { name: 'i', data: of('i'), type: 'INT32' },
          { name: 'l', data: of('l'), type: 'INT64' },
          { name: 'd', data: of('d'), type: 'DOUBLE' },
          { name: 's', data: of('s'), type: 'DOUBLE' },
          { name: 'b', data: of('b'), type: 'BOOLEAN' },
          { name: 'g', data: of('g'), type: 'STRING' },
        ]);
        const line = (one: (typeof rows)[0]) =>
          Object.values(one).map((cell) => `"${String(cell ?? '').replaceAll('"', '""')}"`);
        const csv = ['i,l,d,s,b,g', ...rows.map((one) => line(one).join(','))].join('\n');
        const fromCsv = unwrap(await profileText(csv, { ...options, ...more }));
        expect(sealed(unwrap(await profiled(parquet, { ...options, ...more })))).toEqual(sealed(fromCsv));
      }),
      { numRuns: 60 },
    );
  });
});

describe('what cannot be counted is one clear problem', () => {
  const whole = bytesOf([
    { name: 'g', data: ['a', 'b'], type: 'STRING' },
    { name: 's', data: [1, 2], type: 'DOUBLE' },
  ]);
  const patched = (at: number, text: string) => {
    const bytes = whole.slice();
    bytes.set(Buffer.from(text), at < 0 ? bytes.length + at : at);
    return bytes;
  };
  test.each([
    ['cut off', whole.slice(0, -9), 'was it cut off?'],
    ['only the beginning', whole.slice(0, 6), 'too short'],
    ['wrong magic', patched(0, 'ZIP!'), 'does not begin with PAR1'],
    ['encrypted', patched(-4, 'PARE'), 'encrypted'],
    ['a footer of junk', patched(-30, 'x'.repeat(22)), 'not readable as Parquet'],
    ['pages of junk', patched(4, '\xff'.repeat(12)), 'not readable as Parquet'],
  ])('%s', async (_, bytes, detail) => {
    expect(await profiled(bytes)).toMatchObject({
      ok: false,
      problems: [{ code: 'BYTES_UNREADABLE', detail: expect.stringContaining(detail) }],
    });
  });

  test.each([
    ['nested', [{ name: 'x', data: [{ a: 1 }, { a: 2 }] }], 'JSON'],
    ['a date', [{ name: 'x', data: [new Date(0), new Date(1)] }], 'TIMESTAMP'],
    ['bytes', [{ name: 'x', data: [new Uint8Array(1), new Uint8Array(2)], type: 'BYTE_ARRAY' }], 'BYTE_ARRAY'],
  ])('%s', async (_, columns, detail) => {
    const bytes = bytesOf(columns as ColumnData);
    const given = { ...options, segments: [], scores: new Map() };
    expect(await profiled(bytes, given)).toMatchObject({
      problems: [{ code: 'INVALID_VALUE', pointer: '/columns/x', detail: expect.stringContaining(detail) }],
    });
  });

  test('a list', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: 'x', data: [[1], [2]] }],
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'x', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
        ],
      }),
    );
    const given = { ...options, segments: [], scores: new Map() };
    expect(await profiled(bytes, given)).toMatchObject({
      problems: [{ pointer: '/columns/x', detail: expect.stringContaining('nested values cannot be counted') }],
    });
  });
});
