import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, sameJson } from '../../../functions/domain/canonical.ts';
import { Decimal, decimal6, minus, ppmDown, ppmUp } from '../../../functions/domain/decimal.ts';
import { Digest, digestFromHex, digestOf, hexOf } from '../../../functions/domain/digest.ts';
import { CODES, entryOf, isCode } from '../../../functions/domain/errors.ts';
import { parseJson } from '../../../functions/domain/json.ts';
import { pointerOf } from '../../../functions/domain/result.ts';
import { Day, Instant, instantOf, prose } from '../../../functions/domain/text.ts';
import { isVaultKey } from '../../../functions/domain/vault-keys.ts';

const ROOT = join(import.meta.dirname, '../../..');

describe('the catalogue', () => {
  const sources = ['functions', 'cli']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
    )
    .filter((name) => name.endsWith('.ts') && !name.endsWith(join('domain', 'errors.ts')))
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n');

  it.each(CODES)('%s is answered somewhere, with a status and a remedy', (code) => {
    expect(sources).toMatch(new RegExp(`'${code}'`));
    const { status, title, remedy } = entryOf(code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title.length).toBeGreaterThan(3);
    expect(remedy).toMatch(/[.).]$/);
    expect(isCode(code)).toBe(true);
  });

  it('knows no other code', () => {
    for (const other of ['OK', 'toString', '__proto__', 'json_syntax', '', undefined, 7]) expect(isCode(other)).toBe(false);
  });
});

describe('digests', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/);

  it('property: hex and digest are two ways to write one thing', () => {
    fc.assert(fc.property(hex, (text) => void expect(hexOf(digestFromHex(text))).toBe(text)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(Digest.parse(digestOf(bytes))).toBe(digestOf(bytes))));
  });

  it('property: no other text is a digest', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          hex,
          hex.map((text) => `sha256:${text.toUpperCase()}!`),
          hex.map((text) => `sha512:${text}`),
        ),
        (text) => {
          fc.pre(!/^sha256:[0-9a-f]{64}$/.test(text));
          expect(Digest.safeParse(text).success).toBe(false);
        },
      ),
    );
    expect(Digest.safeParse(`sha256:${'a'.repeat(64)}\n`).success).toBe(false);
  });
});

describe('canonical bytes', () => {
  it('property: what is written is read back, and writing it again gives the same bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = canonicalBytes(value);
        const again: unknown = JSON.parse(new TextDecoder().decode(bytes));
        expect(canonicalBytes(again)).toEqual(bytes);
        expect(sameJson(value, again)).toBe(true);
      }),
    );
  });

  it('property: two values have the same bytes only when they are equal', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
        const equal = JSON.stringify(parsed(a)) === JSON.stringify(parsed(b));
        if (equal) expect(sameJson(a, b)).toBe(true);
        if (sameJson(a, b)) expect(parsed(a)).toEqual(parsed(b));
      }),
    );
  });
  const parsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('property: strict JSON takes back what we write, unless it holds a number that is no integer', () => {
    const leaf = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null));
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    fc.assert(
      fc.property(
        tree,
        (value) =>
          void expect(parseJson(canonicalBytes(value))).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) }),
      ),
    );
  });
});

describe('decimals', () => {
  const places = 9;
  /** A decimal with up to nine places, and its exact value in billionths. */
  const decimal = fc.tuple(fc.boolean(), fc.nat(999_999), fc.bigInt(0n, 999_999_999n)).map(([negative, whole, fraction]) => {
    const text = `${negative ? '-' : ''}${whole}.${fraction.toString().padStart(places, '0')}`;
    const exact = BigInt(whole) * 1_000_000_000n + fraction;
    return { text, exact: negative ? -exact : exact };
  });

  it('property: millionths rounded up are the least that is not less; rounded down the most that is not more', () => {
    fc.assert(
      fc.property(decimal, ({ text, exact }) => {
        const up = BigInt(ppmUp(text)) * 1000n;
        const down = BigInt(ppmDown(text)) * 1000n;
        expect(up >= exact && up - exact < 1000n).toBe(true);
        expect(down <= exact && exact - down < 1000n).toBe(true);
      }),
    );
  });

  it('property: they keep the order, and six places are exact', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const [less, more] = a.exact <= b.exact ? [a, b] : [b, a];
        expect(ppmUp(less.text)).toBeLessThanOrEqual(ppmUp(more.text));
        expect(ppmDown(less.text)).toBeLessThanOrEqual(ppmDown(more.text));
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), (ppm) => {
        const text = decimal6(ppm / 1_000_000);
        expect([ppmUp(text), ppmDown(text)]).toEqual([ppm, ppm]);
        expect(Decimal.parse(text)).toBe(text);
      }),
    );
  });

  it('property: a difference is exact to six places', () => {
    const ppm = fc.integer({ min: -(10 ** 9), max: 10 ** 9 });
    fc.assert(fc.property(ppm, ppm, (a, b) => void expect(ppmUp(minus(decimal6(a / 1e6), decimal6(b / 1e6)))).toBe(a - b)));
  });

  it('there is one zero', () => {
    expect([decimal6(-0), decimal6(-1e-9), decimal6(0)]).toEqual(['0.000000', '0.000000', '0.000000']);
    for (const zero of ['0', '-0', '-0.000000', '-0.0000001']) expect(Object.is(ppmUp(zero), 0)).toBe(true);
    expect(Object.is(ppmDown('0.0000001'), 0)).toBe(true);
    expect(Object.is(ppmDown('-0'), 0)).toBe(true);
  });

  it.each(['1e3', '.5', '5.', '+1', '01', 'NaN', 'Infinity', '', ' 1', '1 ', '1,5', '0x1', '٣', '1.0000000000000', '1\n'])(
    'does not read %j',
    (text) => {
      expect(Decimal.safeParse(text).success).toBe(false);
    },
  );
});

describe('texts', () => {
  it('property: a pointer reads back to its path (RFC 6901)', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (path) => {
        const back = pointerOf(path)
          .split('/')
          .slice(1)
          .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
        expect(back).toEqual(path);
      }),
    );
  });

  it('property: an instant reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => void expect(Date.parse(Instant.parse(instantOf(ms)))).toBe(ms)),
    );
  });

  it.each([
    '2026-11-21',
    '2026-11-21T09:30:00Z',
    '2026-11-21T09:30:00.000+01:00',
    '2026-13-01T00:00:00.000Z',
    '2026-11-21T25:00:00.000Z',
    '2026-02-30T00:00:00.000Z',
    '2026-11-21T24:00:00.000Z',
  ])('no such instant: %s', (text) => expect(Instant.safeParse(text).success).toBe(false));

  it.each(['2026-02-30', '2026-2-3', '2026-13-01', '2026-11-21T00:00:00.000Z', ''])('no such day: %s', (text) =>
    expect(Day.safeParse(text).success).toBe(false),
  );

  it('R19 links around words are words; an address is refused wherever it stands', () => {
    const says = (text: string) => prose(5, 1000).safeParse(text).success;
    expect(['see https://x.example and decide', 'ten words and no more', 'ratio 3:2 // agreed'].map(says)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['https://x.example', 'ftp://x.example\nssh://y', 'write to a.b@c.example now', '    ', 'x'].map(says)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('vault keys', () => {
  const hex = '0'.repeat(64);
  it.each([
    `events/${hex}.dsse.json`,
    `records/${hex}.dsse.json`,
    `blobs/${hex}`,
    `votes/${hex}.json`,
    `packs/${hex}/policy.wasm`,
  ])('%s', (key) => {
    expect(isVaultKey(key)).toBe(true);
    for (const wrong of [
      `../${key}`,
      `/${key}`,
      `${key}/..`,
      `${key}/../x`,
      key.replace('/', '//'),
      `${key}\n`,
      key.toUpperCase(),
      key.replace(hex, hex.slice(1)),
      key.replace('/', '\\'),
    ]) {
      expect([wrong, isVaultKey(wrong)]).toEqual([wrong, false]);
    }
  });
});
