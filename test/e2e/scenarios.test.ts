// The example's scenarios, taken through the real stages and the shipped pack. What must come out stands here and nowhere
// in the example.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rebuildIndex } from '../../cli/rebuild.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { sweep } from '../../functions/drive.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { EXAMPLE, manifestAt, promote } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

type Expected = { path: string | null; outcome: string; codes: string[] };

const EXPECTED: Record<string, Expected> = {
  '01-in-band-retrain': { path: 'automated', outcome: 'approved', codes: [] },
  '02-threshold-moved': { path: 'reviewer', outcome: 'approved', codes: ['DEC-001'] },
  '03-feature-known-family': { path: 'reviewer', outcome: 'approved', codes: ['FEA-001'] },
  '04-feature-dropped': { path: 'reviewer', outcome: 'approved', codes: ['FEA-005'] },
  '05-feature-new-source': { path: 'committee', outcome: 'approved', codes: ['FEA-003'] },
  '06-segment-share-moved': { path: 'committee', outcome: 'approved', codes: ['SEG-001'] },
  '07-segment-never-validated': { path: 'committee', outcome: 'approved', codes: ['SEG-002'] },
  '08-population-psi': { path: 'reviewer', outcome: 'approved', codes: ['POP-002'] },
  '09-model-class': { path: 'committee', outcome: 'approved', codes: ['MOD-001'] },
  '10-protected-segment-worse': { path: 'committee', outcome: 'approved', codes: ['MET-002'] },
  '11-many-small-steps': { path: 'committee', outcome: 'approved', codes: ['POP-005'] },
  '12-no-incumbent': { path: 'committee', outcome: 'approved', codes: ['HIS-001'] },
  '13-explanation-other-slice': { path: null, outcome: 'refused', codes: ['EXPLANATION_SLICE_MISMATCH'] },
  '14-flattering-metric': { path: null, outcome: 'refused', codes: ['METRIC_MISMATCH'] },
  '15-flattering-family': { path: 'committee', outcome: 'approved', codes: ['FEA-003'] },
};

describe('R31 the example, each line with one cause', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld({ journal: true });
  });
  afterAll(() => world.close());

  it('holds exactly the scenarios that are expected here', async () => {
    expect((await readdir(join(EXAMPLE, 'scenarios'))).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.entries(EXPECTED))('%s', async (name, expected) => {
    const folder = join('scenarios', name);
    const manifests = (await readdir(join(EXAMPLE, folder))).filter((file) => /^\d+-/.test(file)).sort();
    let dossier = await promote(world, await manifestAt(join(folder, manifests[0] ?? '')));
    for (const file of manifests.slice(1)) dossier = await promote(world, await manifestAt(join(folder, file)));
    const findings = dossier.routing === undefined ? [] : (await readRouting(world, dossier)).findings;
    const deciding = findings.filter((finding) => finding.minPath !== 'automated').map((finding) => finding.code);
    const refusals = dossier.decision?.reasons.map((reason) => reason.code) ?? [];
    expect({
      path: dossier.routing?.path ?? null,
      outcome: dossier.decision?.outcome,
      codes: [...new Set([...deciding, ...refusals])].sort(),
    }).toEqual(expected);
  });

  it('R14 R15 after all of them, an index made from the vault alone has the same rows', async () => {
    await sweep(world);
    const beside = join(world.folder, 'beside.db');
    const built = await rebuildIndex({
      path: beside,
      vault: world.vault,
      signer: async () => world.signer,
      progress: () => undefined,
    });
    expect(built.sealed).toBeGreaterThan(30);
    const [made, there] = [beside, join(world.folder, 'index.db')].map((path) => [...new SqliteIndex(path).rows()]);
    expect(made).toEqual(there);
  });
});
