// `npm run demo` as a newcomer runs it: a process of its own, and the real server in another.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tamper } from '../../cli/demo/tampers.ts';
import { run } from '../support/command.ts';
import { evidenceOf, trustIn } from '../support/evidence.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

type Row = {
  scenario: string;
  requestId: string;
  path: string | null;
  findings: { code: string; observed: unknown; limit: unknown }[];
  outcome: string;
  eventHash: string;
  verified: boolean;
  gate: Record<string, { verdict: string; code: string }>;
};

/** Path and outcome of each scenario, and a rule that decides it. */
const EXPECTED: Record<string, [path: string | null, outcome: string, code: string | null]> = {
  '01-in-band-retrain': ['automated', 'approved', null],
  '02-threshold-moved': ['reviewer', 'approved', 'DEC-001'],
  '03-feature-known-family': ['reviewer', 'approved', 'FEA-001'],
  '04-feature-dropped': ['reviewer', 'approved', 'FEA-005'],
  '05-feature-new-source': ['committee', 'approved', 'FEA-003'],
  '06-segment-share-moved': ['committee', 'approved', 'SEG-001'],
  '07-segment-never-validated': ['committee', 'approved', 'SEG-002'],
  '08-population-psi': ['reviewer', 'approved', 'POP-002'],
  '09-model-class': ['committee', 'approved', 'MOD-001'],
  '10-protected-segment-worse': ['committee', 'approved', 'MET-002'],
  '11-many-small-steps': ['committee', 'approved', 'POP-005'],
  '12-no-incumbent': ['committee', 'approved', 'HIS-001'],
  '13-explanation-other-slice': [null, 'refused', 'EXPLANATION_SLICE_MISMATCH'],
  '14-flattering-metric': [null, 'refused', 'METRIC_MISMATCH'],
  '15-flattering-family': ['committee', 'approved', 'FEA-003'],
};

describe('the demo', () => {
  let first: Row[];
  let folder: string;
  const demo = (...args: string[]) => run(join('cli', 'demo', 'run.ts'), args, { TMPDIR: folder });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-demo-test-'));
    const ran = await demo('--json');
    expect([ran.exit, ran.out === '' ? ran.err : '']).toEqual([0, '']);
    // Progress and notes stand beside the result: what is piped is JSON and nothing else.
    expect([ran.out.slice(0, 2), ran.out.slice(-2)]).toEqual(['[\n', ']\n']);
    expect(ran.err).toMatch(/^\[15\/15\] /m);
    first = JSON.parse(ran.out) as Row[];
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('prints one array, one object for each scenario, of the promised shape', () => {
    expect(first.map((row) => row.scenario)).toEqual(Object.keys(EXPECTED));
    for (const row of first) {
      expect(Object.keys(row).sort()).toEqual([
        'eventHash',
        'findings',
        'gate',
        'outcome',
        'path',
        'requestId',
        'scenario',
        'verified',
      ]);
      expect(row.requestId).toMatch(/^req-[a-z2-7]{26}$/);
      expect(row.eventHash).toMatch(/^sha256:[0-9a-f]{64}$/);
      for (const finding of row.findings) expect(Object.keys(finding).sort()).toEqual(['code', 'limit', 'observed']);
    }
    expect(new Set(first.map((row) => row.eventHash)).size).toBe(first.length);
  });

  it.each(Object.entries(EXPECTED))('%s', (name, [path, outcome, code]) => {
    const row = first.find((one) => one.scenario === name);
    expect(row).toMatchObject({ path, outcome, verified: true });
    if (code !== null) expect(row?.findings.map((one) => one.code)).toContain(code);
    expect(row?.gate['sandbox']).toEqual(
      outcome === 'approved' ? { verdict: 'allow', code: 'OK' } : { verdict: 'deny', code: 'NOT_APPROVED' },
    );
    expect(row?.gate['production']).toEqual({ verdict: 'deny', code: 'KEY_UNTRUSTED' });
  });

  it('runs a second time, for people: a table, six refusals and the commands to go on with, within 100 columns', async () => {
    const ran = await demo();
    expect(ran.exit).toBe(0);
    const lines = ran.out.split('\n');
    for (const name of Object.keys(EXPECTED)) expect(ran.out).toContain(name.slice(0, 28));
    expect(lines.filter((line) => line.startsWith('refused ')).map((line) => line.split(/ +/)[1])).toEqual([
      'model',
      'challenger',
      'request',
      'approvals',
      'explanation',
      'dataset',
    ]);
    expect(ran.out).not.toContain('NOT REFUSED');
    expect(ran.out).toMatch(/countersign serve --data/);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(ran.out).toMatch(/^sandbox +allow +13 events$/m);
    expect(ran.out).toMatch(/^production +deny +all +a development key signed$/m);
    // Two runs, two stores: what the second sealed is its own.
    expect(ran.out).not.toContain(first[0]?.eventHash.slice(7, 15) ?? '');
  }, 120_000);
});

describe('six tampers', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  it('one bit in an object of each field, and that field refuses, with a sentence of its own', async () => {
    const evidence = await evidenceOf(world, await promote(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')));
    const results = await tamper(evidence, trustIn(world));
    expect(results.map(({ field, refused }) => [field, refused])).toEqual(
      ['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset'].map((field) => [field, true]),
    );
    expect(new Set(results.map((one) => one.sentence)).size).toBe(6);
    expect(new Set(results.map((one) => one.object)).size).toBe(6);
    // The demo flips copies: what was exported still verifies.
    expect((await tamper(evidence, trustIn(world))).map((one) => one.sentence)).toEqual(results.map((one) => one.sentence));
    expect((await readdir(world.folder)).sort()).toContain('vault');
  });
});
