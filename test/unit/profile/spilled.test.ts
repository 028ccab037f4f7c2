// Whatever is done to read a large table must not be seen in its profile: numbers on disk, threads, blocks, bits counted.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { makeDiskShelf } from '../../../cli/table/disk-shelf.ts';
import { openTable } from '../../../cli/table/open.ts';
import { makePool, noPool } from '../../../cli/table/pool.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { LIMITS } from '../../../functions/profile/batch.ts';
import { openCsv } from '../../../functions/profile/csv.ts';
import { decimalOf } from '../../../functions/profile/decimal.ts';
import { type ProfileOptions, profileOf } from '../../../functions/profile/profile.ts';
import { rankedIn } from '../../../functions/profile/select.ts';
import { chunksOf, profileText, sealed, unwrap } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
const pool = makePool({}, 2);
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

const number = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential()),
  fc.constantFrom('-0', '+0', '0.0', '.5', '5.', '1e-400', '9007199254740993', '123456789012345678901', '0.1', '1E5', '-1e+2'),
);
const rows = fc.array(fc.tuple(fc.oneof(number, fc.constant('')), fc.constantFrom('a', 'b'), number), {
  minLength: 1,
  maxLength: 40,
});
const textOf = (list: readonly (readonly string[])[]) => `x,g,s\n${list.map((row) => `${row.join(',')}\n`).join('')}`;
const options = { columns: ['x', 'g'], segments: ['g'], scores: new Map([['s', digestOf('a')]]) };
const all: ProfileOptions = { slice: digestOf('slice'), baselines: [], ...options };

async function spilled(path: string, given: ProfileOptions, onThreads: boolean) {
  const shelf = makeDiskShelf(folder, onThreads ? pool : noPool, 0);
  try {
    const source = unwrap(await openTable(path, onThreads ? pool : noPool));
    return unwrap(await profileOf(source, given, shelf, { values: 2 }));
  } finally {
    shelf.close();
  }
}

describe('R31 the same rows give the same profile, however they are read', () => {
  test.each([
    ['here', false],
    ['on threads', true],
  ])('a bound of two values and numbers on disk, %s: as in memory', async (_, onThreads) => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, after) => {
        const baseline = sealed(unwrap(await profileText(textOf(before), options)));
        const given = { ...all, baselines: [baseline] };
        const small = unwrap(await profileText(textOf(after), given));
        const path = join(folder, 'rows.csv');
        writeFileSync(path, textOf(after));
        const large = await spilled(path, given, onThreads);
        // All x missing: nothing says that it is a column of numbers, and both say so.
        expect(sealed(large)).toEqual(sealed(small));
      }),
      { numRuns: 60 },
    );
  });

  test('nothing stays on the disk, also after a refusal', async () => {
    const path = join(folder, 'bad.csv');
    writeFileSync(path, 'x,g,s\n1,a,1\n2,a,1\n3,b,1\n4,b,many\n5,b,1,1\n');
    await expect(spilled(path, all, true)).rejects.toThrow('row 5: 4 fields, but the header has 3');
    expect(readdirSync(folder).filter((name) => name.startsWith('countersign-'))).toEqual([]);
  });

  test('the numbers at any positions, by counting bits, are those of the sorted list', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: 0, max: 5000 }).map((low) => 1.7e12 + low / 1024),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), fc.nat(), fc.nat(), (list, i, j) => {
        const values = Float64Array.from(list, (one) => one + 0);
        const sorted = values.toSorted();
        const positions = [i % values.length, j % values.length];
        const found = rankedIn(() => [values.subarray(0, 3).slice(), values.slice(3)], values.length, positions, 0);
        expect(found).toEqual(
          positions.map((position) => ({ value: sorted[position], below: sorted.indexOf(sorted[position] ?? 0) })),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('a number read from bytes is the double that the engine reads', () => {
    fc.assert(
      fc.property(number, (text) => {
        expect(decimalOf(text)).toBe(Number(text) + 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the same CSV as a parser of many years reads it', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', ' ', '0'), maxLength: 6 });
  const quoted = (text: string) => (/[",\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text);

  test('fields, quotes, line ends, in chunks of any size', async () => {
    const table = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (list, end, size, last) => {
          const text = `u,v${end}${list.map((row) => row.map(quoted).join(',')).join(end)}${last ? end : ''}`;
          const source = unwrap(await openCsv(chunksOf(text, size)));
          const read: string[][] = [];
          const wants = [0, 1].map((at) => ({ at, numbers: false, texts: true, codes: true }));
          for await (const { rows: count, columns } of source.batches(wants, LIMITS))
            for (let row = 0; row < count; row++)
              read.push(columns.map(({ texts }) => texts?.values[texts.codes?.[row] ?? -1] ?? '?'));
          expect([source.columns, ...read]).toEqual(parse(text));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('what cannot be read says so once', () => {
  const opened = async (bytes: AsyncIterable<Uint8Array>, longest?: number) => {
    const source = await openCsv(bytes, undefined, longest);
    return source.ok ? profileOf(source.value, { ...all, columns: undefined, segments: [], scores: new Map() }) : source;
  };
  test.each([
    ['a row without an end', 'x\n"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'longer than 20 bytes'],
    ['a zero byte', 'x\n1\0\n', 'zero byte'],
    ['lines that end with CR', 'x,y\r1,2\r', 'CR alone'],
    ['a quote within a field', 'x\na"b"\n', 'row 1: a quote stands within'],
    ['text after a quote', 'x\n1\n"a"b\n', 'row 2: text follows'],
    ['a shifted row', 'x,y\n1,2\n\n3\n', 'row 2: 1 fields'],
  ])('%s', async (_, text, detail) => {
    expect(await opened(chunksOf(text), 20)).toMatchObject({
      ok: false,
      problems: [{ code: 'BYTES_UNREADABLE', detail: expect.stringContaining(detail) }],
    });
  });

  test('bytes that are not UTF-8', async () => {
    async function* bytes() {
      yield new Uint8Array([0x78, 0x0a, 0xe9, 0x0a]);
    }
    expect(await opened(bytes())).toMatchObject({ problems: [{ detail: expect.stringContaining('UTF-8') }] });
  });

  test('a row of a gigabyte: refused after eight megabytes', async () => {
    let asked = 0;
    async function* endless() {
      yield Buffer.from('x\n');
      for (; asked < 1024; asked++) yield Buffer.alloc(2 ** 20, 'a');
    }
    expect(await opened(endless())).toMatchObject({ problems: [{ detail: expect.stringContaining('8388608 bytes') }] });
    expect(asked).toBeLessThan(10);
  });
});
