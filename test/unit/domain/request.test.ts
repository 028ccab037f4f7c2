import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { sha256Hex } from '../../../functions/domain/crypto.ts';
import { parseBytes, parseValue } from '../../../functions/domain/parse.ts';
import { personalDataIn } from '../../../functions/domain/personal-data.ts';
import { PromotionRequest, RequestId, requestIdOf, vaultDigestsOf } from '../../../functions/domain/request.ts';
import { pointerOf } from '../../../functions/domain/result.ts';
import { prose } from '../../../functions/domain/text.ts';
import { requestOf } from '../../support/request.ts';

const GOOD = requestOf().request;
const utf8 = (text: string) => new TextEncoder().encode(text);
const copy = (): Record<string, never> => JSON.parse(new TextDecoder().decode(canonicalBytes(GOOD)));
const codes = (text: string) => {
  const parsed = parseBytes(PromotionRequest, utf8(text));
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.code} ${one.pointer}`).sort();
};

/** The same value written otherwise: keys in another order, other white space. */
function rewritten(value: unknown, order: (keys: string[]) => string[], space: string): string {
  if (Array.isArray(value)) return `[${space}${value.map((one) => rewritten(one, order, space)).join(`,${space}`)}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = order(Object.keys(value)).map(
    (key) => `${JSON.stringify(key)}${space}:${rewritten((value as Record<string, unknown>)[key], order, space)}`,
  );
  return `{${entries.join(`,${space}`)}${space}}`;
}

/** Pointers of every key and item of a value. */
function pathsOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys: (string | number)[] = Array.isArray(value) ? value.map((_, i) => i) : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...path, key]))];
}
const PATHS = pathsOf(copy()).filter((path) => path.length > 0);

function holderOf(root: unknown, path: (string | number)[]): Record<string | number, unknown> {
  return path
    .slice(0, -1)
    .reduce((here, part) => here[part] as Record<string | number, unknown>, root as Record<string | number, unknown>);
}

describe('R19 no address in any text that is sealed', () => {
  const strings = PATHS.filter((path) => typeof holderOf(copy(), path)[path.at(-1) ?? ''] === 'string');

  it('the example holds none, and one anywhere is named with its pointer', () => {
    expect(personalDataIn(GOOD)).toEqual([]);
    expect(strings.length).toBeGreaterThan(100);
    for (const path of strings) {
      const request = copy();
      holderOf(request, path)[path.at(-1) ?? ''] = 'plot of first.last@bank.example';
      expect(personalDataIn(request).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
        `PERSONAL_DATA ${pointerOf(path)}`,
      ]);
    }
    expect(personalDataIn({ families: { 'a@b.example': 'x' } })).toMatchObject([{ pointer: '/families' }]);
    expect(personalDataIn({ repository: 'git@host.example:team/model.git' })).toHaveLength(1);
    const drawn = [
      'a＠b.example',
      'a﹫b.example',
      'a@b．example',
      'a@b。example',
      'a@b.\u200Bexample',
      'a\u00AD@\u2060b.e\u200Dxample',
    ];
    for (const text of drawn) expect(personalDataIn({ text }), JSON.stringify(text)).toHaveLength(1);
    expect(personalDataIn({ role: 'model-risk@retail-credit', tool: 'fairlearn@0.10.0' })).toEqual([]);
  });

  it.each(['a', 'a.', 'a-', 'a@', '@', 'a@a.', 'a:', 'a://', '.', ' a', 'ab@c'])(
    'is read in linear time: %s repeated',
    (part) => {
      const text = part.repeat(Math.ceil(400_000 / part.length));
      const started = performance.now();
      prose(3, 20_000).safeParse(text);
      personalDataIn(text);
      // Quadratic, 400 000 characters take minutes.
      expect(performance.now() - started).toBeLessThan(1000);
    },
  );
});

describe('R6 the frozen request', () => {
  it('reads back to itself', () => {
    expect(parseBytes(PromotionRequest, canonicalBytes(GOOD))).toEqual({ ok: true, value: GOOD });
  });

  it('names unknown and missing keys, floats, duplicate keys and links, each with its pointer, all at once', () => {
    const { gates: _, ...rest } = copy() as Record<string, unknown>;
    const wrong = {
      ...rest,
      gatez: [],
      line: 'Not A Name',
      code: { repository: 'git', commit: 'main', branch: 'x' },
      predictions: 's3://bucket/x.csv',
    };
    expect(codes(JSON.stringify(wrong))).toEqual([
      'INVALID_VALUE /code/commit',
      'INVALID_VALUE /line',
      'LINK_IS_NOT_EVIDENCE /predictions',
      'MISSING_KEY /gates',
      'UNKNOWN_KEY /code/branch',
      'UNKNOWN_KEY /gatez',
    ]);
    const text = JSON.stringify(copy());
    expect(codes(text.replace('"line":', '"environment":"production","minimum":0.5,"line":'))).toEqual([
      'JSON_DUPLICATE_KEY /environment',
      'NUMBER_NOT_DECIMAL_STRING /minimum',
    ]);
  });

  it('R5 names the incumbent of comparedWith, or a baseline where there is none', () => {
    const request = copy() as Record<string, unknown>;
    request['comparedWith'] = { incumbent: `sha256:${'1'.repeat(64)}`, lastHumanApproved: null };
    expect(codes(JSON.stringify(request))).toEqual(['INVALID_VALUE /challenger/against']);
  });

  it('property: one key taken away, or one too many, is named where it is', () => {
    const objects = PATHS.filter((path) => typeof path.at(-1) === 'string');
    fc.assert(
      fc.property(fc.constantFrom(...objects), (path) => {
        const less = copy();
        delete holderOf(less, path)[path.at(-1) ?? ''];
        const pointer = `/${path.join('/')}`;
        const said = codes(JSON.stringify(less));
        // What may be left out may be left out: then the request is another one, with another id.
        if (said.length === 0) expect(requestIdOf(PromotionRequest.parse(less))).not.toBe(requestIdOf(GOOD));
        else expect(said.some((one) => one === `MISSING_KEY ${pointer}` || one.startsWith('INVALID_VALUE'))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('property: no change of a text, number or list goes unnoticed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PATHS), fc.jsonValue({ maxDepth: 1 }), (path, value) => {
        const other = copy();
        const holder = holderOf(other, path);
        const key = path.at(-1) ?? '';
        fc.pre(JSON.stringify(holder[key]) !== JSON.stringify(value));
        holder[key] = value;
        const parsed = parseBytes(PromotionRequest, utf8(JSON.stringify(other)));
        if (parsed.ok) expect(requestIdOf(parsed.value)).not.toBe(requestIdOf(GOOD));
        else expect(parsed.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('R13 the id is a function of the content', () => {
  it('property: the order of keys and white space change nothing', () => {
    const space = fc.stringMatching(/^[ \t\n\r]{0,4}$/);
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), space, (numbers, blank) => {
        const order = (keys: string[]) =>
          keys
            .map((key) => ({ key, at: numbers.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map((one) => one.key);
        const parsed = parseBytes(PromotionRequest, utf8(rewritten(copy(), order, blank)));
        expect(parsed.ok && requestIdOf(parsed.value)).toBe(requestIdOf(GOOD));
      }),
      { numRuns: 50 },
    );
  });

  it('is the first 130 bits of the hash in RFC 4648 base32', () => {
    const bits = [...sha256Hex(canonicalBytes(GOOD))]
      .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
      .join('');
    const text = Array.from(
      { length: 26 },
      (_, i) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2)],
    ).join('');
    expect(requestIdOf(GOOD)).toBe(`req-${text}`);
    expect(RequestId.parse(requestIdOf(GOOD))).toBe(requestIdOf(GOOD));
  });

  it.each([
    'req-',
    `req-${'A'.repeat(26)}`,
    `req-${'1'.repeat(26)}`,
    `REQ-${'a'.repeat(26)}`,
    `req-${'a'.repeat(27)}`,
    ` req-${'a'.repeat(26)}`,
  ])('does not read %s', (text) => expect(RequestId.safeParse(text).success).toBe(false));
});

describe('R10 what must be in the vault', () => {
  it('is every object the request names and keeps, each at its own place in it', () => {
    const named = vaultDigestsOf(GOOD);
    for (const { pointer, digest } of named) {
      const path = pointer.slice(1).split('/');
      expect([pointer, path.reduce((here, part) => (here as Record<string, unknown>)?.[part], GOOD as unknown)]).toEqual([
        pointer,
        digest,
      ]);
    }
    expect(new Set(named.map((one) => one.digest))).toEqual(new Set(requestOf().blobs.keys()));
  });

  it('a parser that is asked for a value says the same as for its bytes', () => {
    const wrong = { ...copy(), line: 7 };
    expect(parseValue(PromotionRequest, wrong)).toEqual(parseBytes(PromotionRequest, utf8(JSON.stringify(wrong))));
  });
});
