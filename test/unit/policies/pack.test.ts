import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { buildPack } from '../../../policies/build.ts';
import { opaBinary } from '../../../policies/tools/opa.ts';
import { committedPack } from '../../support/pack.ts';

const POLICIES = join(import.meta.dirname, '../../../policies');
const TEN_MINUTES = 600_000; // the first run builds OPA from its sources

describe('R35 R52 the committed pack', () => {
  it(
    'is byte for byte what its sources give: formatted, strictly checked, every line of Rego covered by its tables',
    async () => {
      expect(await buildPack({ check: true })).toEqual([]);
    },
    TEN_MINUTES,
  );

  it('has a test for each rule that decides', () => {
    const tests = readdirSync(join(POLICIES, 'promotion'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('_test.rego'))
      .map((name) => readFileSync(join(POLICIES, 'promotion', name), 'utf8'))
      .join('\n');
    const ofTheAdapter = ['POL-000', 'POL-003', 'POL-004'];
    const codes = [...committedPack().rules.keys()].filter((code) => !ofTheAdapter.includes(code));
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !tests.includes(`"${code}"`))).toEqual([]);
  });

  it('keeps every code that was ever given out: the registry only grows', () => {
    const { codes } = JSON.parse(readFileSync(join(POLICIES, 'codes.json'), 'utf8')) as {
      codes: { code: string; since: string }[];
    };
    const given = codes.filter(({ since }) => since === '0.1.0').map(({ code }) => code);
    expect(given.join(' ')).toMatchInlineSnapshot(
      `"ART-001 ART-002 ART-003 ART-004 ART-005 ART-006 ART-007 CAL-001 DEC-001 DEC-002 DEC-003 DEC-004 DEC-005 DEC-006 DEC-007 EVA-001 EVA-002 EVA-003 EVA-004 EVI-001 EVI-002 EVI-003 EVI-004 FAI-001 FAI-002 FEA-001 FEA-002 FEA-003 FEA-004 FEA-005 FEA-006 FEA-007 FEA-008 FEA-009 GAT-001 GAT-002 HIS-001 HIS-002 HIS-003 HIS-004 HIS-005 HIS-006 HIS-007 HIS-008 HIS-010 HYP-001 HYP-002 HYP-003 LIN-001 LIN-002 LIN-003 LOS-001 MET-001 MET-002 MET-003 MET-004 MOD-001 MOD-002 OBL-001 OBL-002 OBL-003 POL-000 POL-001 POL-002 POL-003 POL-004 POP-001 POP-002 POP-003 POP-004 POP-005 POP-006 POP-007 POP-008 POP-009 PRO-001 SEG-001 SEG-002 TER-001 TER-002 TRA-001 TRW-001 TRW-002 USE-001 USE-002"`,
    );
  });

  it('names no text, time, network or randomness among what a policy may call', () => {
    const { builtins, allow_net } = JSON.parse(readFileSync(join(POLICIES, 'capabilities.json'), 'utf8')) as {
      builtins: { name: string }[];
      allow_net: unknown;
    };
    const banned = /^(http|time|rand|uuid|crypto|io|net|opa|rego|sprintf|regex|strings|json|yaml|semver|units)/;
    expect(builtins.map(({ name }) => name).filter((name) => banned.test(name))).toEqual([]);
    expect(allow_net).toEqual([]);
  });
});

describe('OPA is pinned and built once', () => {
  const { PATH, XDG_CACHE_HOME } = process.env;
  afterEach(() => {
    process.env['PATH'] = PATH;
    if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  });

  it('says plainly what is missing where there is no Go', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'countersign-cache-'));
    process.env['XDG_CACHE_HOME'] = cache;
    process.env['PATH'] = cache;
    await expect(opaBinary()).rejects.toThrow('the tests need Go ≥ 1.26 for OPA: no `go` command was found');
    rmSync(cache, { recursive: true });
  });
});
