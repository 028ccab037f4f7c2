import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../functions/domain/json.ts';

const read = (text: string | Uint8Array, limits?: { maxBytes: number; maxDepth: number }) =>
  parseJson(typeof text === 'string' ? new TextEncoder().encode(text) : text, limits);
const codes = (text: string | Uint8Array) => {
  const result = read(text);
  return result.ok ? [] : result.problems.map((problem) => `${problem.code} ${problem.pointer}`);
};

describe('strict JSON at the edge', () => {
  it('reads what JSON.parse reads when nothing is ambiguous', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        const result = read(text);
        if (result.ok) expect(result.value).toEqual(JSON.parse(text));
        else expect(result.problems.length).toBeGreaterThan(0);
      }),
    );
  });

  it('reads a compact text as it reads the same text with a space in it, which has no short way', () => {
    const part = fc.constantFrom(
      '{"',
      '":',
      '"a"',
      '"b":',
      '1',
      '-0',
      '1.5',
      '1e21',
      '9007199254740993',
      ',',
      '{',
      '}',
      '[',
      ']',
    );
    const odd = fc.constantFrom(
      '"\\ud800"',
      '"__proto__":1',
      '"\\\\"',
      '"\\""',
      '"x\\\\\\""',
      '"1":1,"0":2',
      '{"a":1,"a":1}',
      '"é"',
    );
    const grown = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom('1', '-0', '1.5', '1e21', '9007199254740993', '"\\ud800"', '"x\\\\\\""', '"é"', 'null'),
        fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(',')}]`),
        fc
          .array(fc.tuple(fc.constantFrom('"a"', '"b"', '"1"', '"0"', '"__proto__"', '"\\ud800"'), tie('value')), {
            maxLength: 3,
          })
          .map((members) => `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`),
      ),
    })).value as fc.Arbitrary<string>;
    const text = fc.oneof(
      grown,
      fc.array(fc.oneof(part, odd), { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (compact) => {
        const [short, long] = [read(compact), read(`${compact} `)];
        if (!short.ok && short.problems[0]?.code === 'JSON_SYNTAX') expect(long.ok).toBe(false);
        else expect(short).toEqual(long);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void read(bytes)));
  });

  it('names each duplicate key, floating number, unsafe integer and lone surrogate, all at once', () => {
    const text = '{"a":1,"b":{"c/d":0.5,"e~":[1e3,9007199254740993]},"a":2,"s":"\\ud800"}';
    expect(codes(text)).toEqual([
      'NUMBER_NOT_DECIMAL_STRING /b/c~1d',
      'NUMBER_NOT_DECIMAL_STRING /b/e~0/0',
      'JSON_UNSAFE_INTEGER /b/e~0/1',
      'JSON_DUPLICATE_KEY /a',
      'JSON_LONE_SURROGATE /s',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a trailing comma', '{"a":1,}'],
    ['a comment', '{"a":1} // said'],
    ['two documents', '{} {}'],
    ['NaN', 'NaN'],
    ['a byte order mark', '\ufeff{}'],
  ])('fails %s as syntax', (_, text) => expect(codes(text)).toEqual(['JSON_SYNTAX ']));

  it('fails bytes that are not UTF-8', () => expect(codes(new Uint8Array([0x22, 0xff, 0x22]))).toEqual(['JSON_SYNTAX ']));

  it('fails depth 65 and reads depth 64; a bomb of a million brackets ends at once', () => {
    const nested = (n: number) => '['.repeat(n) + ']'.repeat(n);
    expect(codes(nested(64))).toEqual([]);
    expect(codes(nested(65))).toEqual(['JSON_TOO_DEEP ']);
    expect(codes('['.repeat(1_000_000))).toEqual(['JSON_TOO_DEEP ']);
    expect(codes(`["${'['.repeat(100)}"]`)).toEqual([]);
  });

  it('fails one byte too many before reading it', () => {
    expect(read('"abc"', { maxBytes: 4, maxDepth: 64 })).toMatchObject({ ok: false, problems: [{ code: 'BODY_TOO_LARGE' }] });
    expect(read('"ab"', { maxBytes: 4, maxDepth: 64 })).toMatchObject({ ok: true });
  });
});
