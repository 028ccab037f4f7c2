import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, sameJson } from '../../../functions/domain/canonical.ts';

const text = (value: unknown) => new TextDecoder().decode(canonicalBytes(value));

/** What the JCS library gives, or that it refuses. */
function library(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}

describe('canonical bytes', () => {
  it('are those of the JCS library, for any JSON and any order of its keys', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('10', '9', '0', '01', '__proto__', 'a', 'A', 'ä', '\u{1f600}', '\ufb33'));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\\ud800', '\ud800', '"', '\n', '\u2028'),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: false }),
      ),
    }));
    fc.assert(
      fc.property(value, (one) => {
        const expected = library(one);
        if (expected === undefined) expect(() => text(one)).toThrow();
        else expect(text(one)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('leave to the library what is no plain JSON', () => {
    const day = new Date(0);
    const deep = JSON.parse(`${'{"b":1,"a":'.repeat(150)}0${'}'.repeat(150)}`) as unknown;
    for (const odd of [{ b: day, a: undefined }, [new String('x')], { toJSON: () => ({ b: 1, a: 2 }) }, deep, { 2: 1, 10: 2 }])
      expect(text(odd)).toBe(canonicalize(odd));
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const wrong of [undefined, Number.NaN, { a: Number.POSITIVE_INFINITY }, circle, () => 1])
      expect(() => text(wrong)).toThrow();
  });

  it('change no value that they are made of', () => {
    const value = Object.freeze({ b: Object.freeze([Object.freeze({ d: 1, c: 2 })]), a: 1 });
    expect(text(value)).toBe('{"a":1,"b":[{"c":2,"d":1}]}');
    expect(Object.keys(value)).toEqual(['b', 'a']);
    expect(sameJson(value, { a: 1, b: [{ c: 2, d: 1 }] })).toBe(true);
    expect(sameJson(value, { a: 1, b: [{ c: 2, d: 2 }] })).toBe(false);
  });
});
