import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Digest, digestOf, hexOf } from '../../../functions/domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../../../functions/domain/oms.ts';
import golden from '../../golden/oms/model-signing-1.1.1.json' with { type: 'json' };

const filesOf = (files: { path: string; text: string }[]) => files.map(({ path, text }) => ({ path, digest: digestOf(text) }));
const statementOf = (files: { path: string; digest: Digest }[], name = 'm') =>
  JSON.parse(new TextDecoder().decode(omsManifestBytes(files, name)));

describe('OpenSSF Model Signing root (R4a, R4b)', () => {
  for (const one of golden.cases.filter((c) => !c.ordersByParts)) {
    it(`R4b ${one.name}: root and manifest are those of the reference implementation`, () => {
      const files = filesOf(one.files);
      expect(hexOf(omsRootOf(files))).toBe(one.subject[0]?.digest.sha256);
      const statement = statementOf(files, one.name);
      expect(statement.subject).toEqual(one.subject);
      expect(statement.predicate.resources).toEqual(one.resources);
    });
  }

  for (const one of golden.cases.filter((c) => c.ordersByParts)) {
    it(`R4b ${one.name}: ordered by code point as the specification says, unlike the reference implementation`, () => {
      const files = filesOf(one.files);
      const names = statementOf(files).predicate.resources.map((r: { name: string }) => r.name);
      expect(names).toEqual(one.files.map((f) => f.path).sort());
      expect(hexOf(omsRootOf(files))).not.toBe(one.subject[0]?.digest.sha256);
    });
  }

  it('R4b the order in which files are given never changes the root', () => {
    const file = fc.record({ path: fc.string({ minLength: 1, unit: 'grapheme' }), digest: fc.string().map(digestOf) });
    fc.assert(
      fc.property(fc.uniqueArray(file, { minLength: 1, maxLength: 8, selector: (f) => f.path }), (files) => {
        expect(omsRootOf([...files].reverse())).toBe(omsRootOf(files));
      }),
    );
  });

  it('R4a names are bound by the manifest, since the root covers digests only', () => {
    const [a, b] = [digestOf('1'), digestOf('2')];
    const renamed = [
      { path: 'a', digest: a },
      { path: 'c', digest: b },
    ];
    const original = [
      { path: 'a', digest: a },
      { path: 'b', digest: b },
    ];
    expect(omsRootOf(renamed)).toBe(omsRootOf(original));
    expect(digestOf(omsManifestBytes(renamed, 'm'))).not.toBe(digestOf(omsManifestBytes(original, 'm')));
  });
});
