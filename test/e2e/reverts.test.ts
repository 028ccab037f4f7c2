// Each scenario has one cause: with it reverted, in what is stated and in the model's config alike, and nothing else touched,
// the same promotion is automated.
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../cli/manifest.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { EXAMPLE, manifestAt, promote } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

type Revert = (candidate: Manifest, first: Manifest, inBand: Manifest, root: string) => Manifest;

/** The features the incumbent read. */
const featuresBack: Revert = (candidate, first) => ({ ...candidate, features: first.features });

/** Another scoring population: its file, its slice, and who scored it. */
const population = (
  candidate: Manifest,
  other: Manifest,
  scores: Record<string, 'candidate' | 'incumbent' | 'lastHumanApproved'>,
): Manifest => {
  if (!other.population || !('file' in other.population)) throw new Error('a population by file');
  const scoring = other.dataset.filter((slice) => slice.role === 'scoring');
  return {
    ...candidate,
    population: { ...other.population, scores },
    dataset: [...candidate.dataset.filter((slice) => slice.role !== 'scoring'), ...scoring],
  };
};

/** The same month without the rows of the segment: the rows of before would be a stale population. */
function registeredOnly(candidate: Manifest, root: string): Manifest {
  const { population: scored } = candidate;
  if (!scored || !('file' in scored)) throw new Error('a population by file');
  const [header = '', ...rows] = readFileSync(join(EXAMPLE, scored.file), 'utf8').trimEnd().split('\n');
  const at = header.split(',').indexOf('foreign_worker');
  const cells = (row: string) => row.match(/("[^"]*"|[^,]*)(,|$)/g) ?? [];
  const kept = rows.filter((row) => cells(row)[at] === 'yes,');
  expect(kept.length).toBeLessThan(rows.length);
  const file = 'registered.csv';
  writeFileSync(join(root, file), `${[header, ...kept].join('\n')}\n`);
  const dataset = candidate.dataset.map((slice) => (slice.role === 'scoring' ? { ...slice, file } : slice));
  return { ...candidate, population: { ...scored, file }, dataset };
}

/** The same people as in the step before, in this step's month. */
const inTheMonthOf = (manifest: Manifest, other: Manifest): Manifest => {
  const window = other.dataset.find(({ role }) => role === 'scoring')?.window;
  const dataset = manifest.dataset.map((slice) => (slice.role === 'scoring' && window ? { ...slice, window } : slice));
  return { ...manifest, dataset };
};

const REVERTS: Record<string, Revert> = {
  '02-threshold-moved': (candidate, first) => ({ ...candidate, decisionRule: first.decisionRule }),
  '03-feature-known-family': featuresBack,
  '04-feature-dropped': featuresBack,
  '05-feature-new-source': featuresBack,
  '06-segment-share-moved': (candidate, _, inBand) => population(candidate, inBand, { score_v01: 'incumbent' }),
  '07-segment-never-validated': (candidate, _, __, root) => registeredOnly(candidate, root),
  '08-population-psi': (candidate, _, inBand) => population(candidate, inBand, { score_v01: 'incumbent' }),
  '09-model-class': (candidate, { model: { class: name, family, hyperparameters, library, roles } }) => ({
    ...candidate,
    model: { ...candidate.model, class: name, family, hyperparameters, library, roles },
  }),
  '10-protected-segment-worse': (candidate, _, inBand) => ({ ...inBand, line: candidate.line }),
  '13-explanation-other-slice': (candidate) => ({
    ...candidate,
    explanation: candidate.explanation.map((one) => ({ ...one, slice: candidate.evaluationRegime.slice })),
  }),
  '14-flattering-metric': (candidate) => ({ ...candidate, challenger: { ...candidate.challenger, metrics: 'recompute' } }),
  '15-flattering-family': featuresBack,
};

/** The example with the candidate's config as the first version had it: a config that says otherwise is a cause of its own. */
async function configBack(candidate: Manifest, first: Manifest): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-reverts-'));
  await cp(EXAMPLE, root, { recursive: true });
  const [theirs, ours] = [join(root, first.model.folder), join(root, candidate.model.folder)];
  await cp(join(theirs, 'config.json'), join(ours, 'config.json'));
  for (const file of await readdir(ours))
    if (file === 'weights.lgb.txt') await rename(join(ours, file), join(ours, 'weights.json'));
  return root;
}

describe('R31 R32 one cause each: reverted, the promotion is automated', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  const inBand = () => manifestAt('scenarios/01-in-band-retrain/2-v02.yaml');
  const expectAutomated = async (manifest: Manifest, root = EXAMPLE) => {
    const dossier = await promote(world, manifest, root);
    expect(dossier.decision?.reasons).toEqual([]);
    const { path, findings } = await readRouting(world, dossier);
    const deciding = findings.filter((finding) => finding.minPath !== 'automated').map((finding) => finding.code);
    expect({ path, deciding, outcome: dossier.decision?.outcome }).toEqual({
      path: 'automated',
      deciding: [],
      outcome: 'approved',
    });
  };

  it.each(Object.entries(REVERTS))('%s', async (name, revert) => {
    const folder = join('scenarios', name);
    const files = (await readdir(join(EXAMPLE, folder))).filter((file) => /^\d+-/.test(file)).sort();
    const [first, candidate] = await Promise.all(files.map((file) => manifestAt(join(folder, file))));
    if (!first || !candidate) throw new Error(`${name} has two promotions`);
    await promote(world, first);
    const root = await configBack(candidate, first);
    try {
      await expectAutomated(revert(candidate, first, await inBand(), root), root);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it('11-many-small-steps: the third step back to the population of the first', async () => {
    const folder = 'scenarios/11-many-small-steps';
    const [v01, v12, v13, v14] = await Promise.all(
      ['1-v01', '2-v12', '3-v13', '4-v14'].map((file) => manifestAt(`${folder}/${file}.yaml`)),
    );
    if (!v01 || !v12 || !v13 || !v14) throw new Error('four promotions');
    for (const manifest of [v01, v12, v13]) await promote(world, manifest);
    const reverted = population(v14, v12, { score_v13: 'incumbent', score_v01: 'lastHumanApproved' });
    await expectAutomated(inTheMonthOf(reverted, v14));
  });

  it('12-no-incumbent: with an incumbent the next one is automated', async () => {
    const first = await manifestAt('scenarios/12-no-incumbent/1-v01.yaml');
    await promote(world, first);
    await expectAutomated({ ...(await inBand()), line: first.line });
  });
});
