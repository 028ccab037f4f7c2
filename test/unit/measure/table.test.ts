import { parse } from 'csv-parse/sync';
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../../functions/domain/measure/table.ts';

const LIMITS = { maxBytes: 4_000_000, maxRows: 20, maxColumns: 10 };
const read = (text: string) => readTable(new TextEncoder().encode(text), '/t', LIMITS);

/** What the reader of record says: rows, or that it refuses. */
function slowly(text: string): string[][] | 'refused' {
  try {
    return parse(text, { max_record_size: 1024 * 1024, to: LIMITS.maxRows + 2 });
  } catch {
    return 'refused';
  }
}

function told(text: string): string[][] | 'refused' {
  const table = read(text);
  if (!table.ok) return 'refused';
  const { header, rows, column } = table.value;
  return [[...header], ...Array.from({ length: rows }, (_, row) => header.map((_, i) => column(i)[row] ?? ''))];
}

describe('a table', () => {
  it('is read the same on the short way and by the CSV reader', () => {
    // The header is fixed, so that what differs is how lines and fields are cut.
    const text = array(constantFrom('1', ',', '\n', '"', '"1"', ',"x,y"', '"1"\n', '\r', ' ', 'é', '\u2028', '\0'), {
      maxLength: 30,
    });
    assert(
      property(text, constantFrom('a,b\n', 'a\n', 'a,b', '\n', 'a,b\r\n'), (body, header) => {
        const all = header + body.join('');
        const [first, ...rest] = slowly(all);
        const refused = slowly(all) === 'refused' || first === undefined || new Set(first).size !== first.length;
        expect(told(all)).toEqual(refused || rest.length > LIMITS.maxRows ? 'refused' : slowly(all));
      }),
      { numRuns: 3000 },
    );
  });

  it('that is too long, too wide or holds a record over a megabyte is refused on both ways', () => {
    for (const end of ['', '"x"']) {
      expect(told(`a\n${'1\n'.repeat(20)}`)).toHaveLength(21);
      expect(told(`a\n${'1\n'.repeat(20)}${end || '1'}\n`)).toBe('refused');
      expect(told(`a\n${'é'.repeat(600_000)}${end}`)).toBe('refused');
      expect(told(`a\n${'x'.repeat(1_100_000)}${end}`)).toBe('refused');
    }
    expect(told(`${Array.from({ length: 11 }, (_, i) => i).join(',')}\n`)).toBe('refused');
  });
});
