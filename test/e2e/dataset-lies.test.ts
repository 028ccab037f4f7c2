// Lies about the rows, and losses that no limit saw: each once went automated. The in-band retrain of the example with one of
// them must reach people, for exactly that reason.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest, ManifestSlice } from '../../cli/manifest.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import type { Path } from '../../functions/domain/routing.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { evidenceOf, trustIn } from '../support/evidence.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../support/promote.ts';
import { openWorld, type TestWorld } from '../support/world.ts';

type Role = ManifestSlice['role'];
type Lie = (manifest: Manifest) => Manifest;

const slice =
  (role: Role, change: Partial<ManifestSlice>): Lie =>
  (manifest) => ({ ...manifest, dataset: manifest.dataset.map((one) => (one.role === role ? { ...one, ...change } : one)) });

const REFERENCE = 'data/populations/reference-development.csv';
const staleRows: Lie = (manifest) => {
  const { population } = manifest;
  if (!population || !('file' in population)) throw new Error('a population by file');
  // Announced as those of October.
  return slice('scoring', { file: REFERENCE })({
    ...manifest,
    population: { ...population, file: REFERENCE, scores: { score_v01: 'incumbent' } },
  });
};

const LIES: [string, Lie, Path, string][] = [
  ['R32 only some are scored now', slice('scoring', { filters: ['age_band = 26-35'] }), 'reviewer', 'POP-008'],
  [
    'R32 a population no newer than the incumbent’s',
    slice('scoring', { window: { from: '2026-06-01', to: '2026-06-30' } }),
    'reviewer',
    'POP-009',
  ],
  ['R32 the incumbent’s very rows under a later date', staleRows, 'reviewer', 'POP-009'],
  ['R9b R40 learned from some only', slice('train', { filters: ['event_bad = 0'] }), 'reviewer', 'TRW-002'],
  ['R9b R40 tuned on some only', slice('validation', { filters: ['event_bad = 0'] }), 'reviewer', 'TRW-002'],
  ['R5a R9a judged on some only', slice('evaluation', { filters: ['age_band = 36-50'] }), 'reviewer', 'EVA-002'],
  [
    'R40 learned in the quarter it is judged on',
    slice('train', { window: { from: '2025-02-01', to: '2026-07-01' } }),
    'reviewer',
    'EVA-003',
  ],
  ['R40 judged on what it learned from', slice('evaluation', { derivedFrom: 'train-2026-10-roll30' }), 'committee', 'EVA-004'],
];

describe('R9b R32 R40 what was said of the rows once went automated', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  const inBand = (line: string) =>
    manifestAt('scenarios/01-in-band-retrain/2-v02.yaml').then((manifest) => ({ ...manifest, line }));
  /** Every lie has a line of its own, with the first version in place. */
  const LINES = [
    ...['01-in-band-retrain', '02-threshold-moved', '03-feature-known-family', '04-feature-dropped'],
    ...['05-feature-new-source', '06-segment-share-moved', '08-population-psi', '09-model-class'],
    ...['10-protected-segment-worse', '13-explanation-other-slice', '14-flattering-metric', '15-flattering-family'],
  ].map((name) => `german-credit-${name}`);
  const first = async (line: string) => ({ ...(await manifestAt('scenarios/12-no-incumbent/1-v01.yaml')), line });
  const lineAt = (i: number): string => {
    const line = LINES[i];
    if (line === undefined) throw new Error('more lies than lines');
    return line;
  };
  const reasons = async (id: RequestId) => {
    const dossier = await dossierOf(world, id);
    const { path, findings } = await readRouting(world, dossier);
    return { path, codes: [...new Set(findings.filter((one) => one.minPath !== 'automated').map((one) => one.code))] };
  };

  it.each(LIES.map((lie, i) => [lie[0], lie, lineAt(i)] as const))('%s', async (_, [, lie, path, code], line) => {
    await promote(world, await first(line));
    const { request, blobs } = await built(world, lie(await inBand(line)));
    await upload(world, blobs);
    expect(await reasons(await announce(world, request))).toEqual({ path, codes: [code] });
  });

  it('R40 rows of next year, no rows, few rows, one day: each reaches people for that reason alone', async () => {
    const line = 'german-credit-11-many-small-steps';
    await promote(world, await first(line));
    const { request, blobs } = await built(world, await inBand(line));
    await upload(world, blobs);
    let asked = 0;
    const told = async (role: Role, change: (slice: (typeof request.dataset)[number]) => object) => {
      const dataset = request.dataset.map((one) => (one.role === role ? { ...one, ...change(one) } : one));
      // The pipeline run's id keeps the requests apart; none is decided by people, so that the head stays where it is.
      const pipelineRun = { ...request.pipelineRun, id: `lie ${asked++}` };
      const { path, codes } = await reasons(await announce(world, { ...request, pipelineRun, dataset }));
      return [path, ...codes];
    };
    const ends = (to: string) => told('scoring', ({ window }) => ({ window: { ...window, to } }));
    // The test's clock begins on 2026-11-01.
    expect(await ends('2027-11-03')).toEqual(['committee', 'TRW-003']);
    expect(await told('train', () => ({ rows: 0 }))).toEqual(['committee', 'TRW-004', 'TRW-005']);
    expect(await told('train', ({ rows }) => ({ rows: Math.floor(rows * 0.49) }))).toEqual(['reviewer', 'TRW-004']);
    expect(await told('train', ({ window }) => ({ window: { ...window, from: window.to } }))).toEqual(['reviewer', 'TRW-006']);
    expect(await ends('2027-11-02')).toEqual(['automated']);
  });

  it('R40 leakage of a first version is named beside HIS-001', async () => {
    const manifest = slice('train', { window: { from: '2025-01-01', to: '2026-09-30' } })(
      await first('german-credit-12-no-incumbent'),
    );
    const { request, blobs } = await built(world, manifest);
    await upload(world, blobs);
    expect((await reasons(await announce(world, request))).codes.sort()).toEqual(['EVA-003', 'HIS-001']);
  });

  it('R44 MET-001: the same order of applicants with scores that mean less is seen in Brier and log loss', async () => {
    const line = lineAt(LIES.length);
    await promote(world, await first(line));
    const { request, blobs } = await built(world, await inBand(line));
    await upload(world, blobs);
    const predictions = request.predictions && (await world.vault.get(`blobs/${request.predictions.slice(7)}`));
    // Drawn towards the threshold: AUC, KS, every decision and the order stay as they were.
    const flat = new TextDecoder()
      .decode(predictions)
      .split('\n')
      .map((row, i) => {
        const cells = row.split(',');
        if (i > 0 && cells[2]) cells[2] = (0.5 + (Number(cells[2]) - 0.5) * 0.2).toFixed(8);
        return cells.join(',');
      });
    const bytes = new TextEncoder().encode(flat.join('\n'));
    const digest = digestOf(bytes);
    await upload(world, new Map([[digest, { kind: 'bytes', bytes }]]));
    const challenger = { ...request.challenger, metrics: [] };
    const id = await announce(world, { ...request, challenger, predictions: digest });
    const { path, findings } = await readRouting(world, await dossierOf(world, id));
    const fired = (code: string) => findings.filter((one) => one.code === code).length;
    // Brier and log loss of all rows, and of each judged segment: nothing else moved.
    expect(path).toBe('committee');
    expect(fired('MET-001')).toBe(2);
    expect(new Set(findings.filter((one) => one.minPath !== 'automated').map((one) => one.code))).toEqual(
      new Set(['MET-001', 'MET-002']),
    );
  });

  it('R8b R40 fairness on a part of the evaluation slice: counted again by verify, refused when the count is another', async () => {
    const line = lineAt(LIES.length + 1);
    const part =
      (rows: number): Lie =>
      (manifest) => ({
        ...manifest,
        dataset: [
          ...manifest.dataset,
          {
            name: 'young',
            role: 'evaluation',
            digest: digestOf('the young of the quarter'),
            locator: { system: 'lake', uri: 'lake/young', immutableId: '1' },
            rows,
            filters: ['age_band=18-25'],
            window: { from: '2026-07-01', to: '2026-09-30' },
            derivedFrom: 'evaluation-2026-q3',
          },
        ],
        explanation: [
          ...manifest.explanation,
          ...manifest.explanation.map((one) => ({ ...one, kind: 'fairness' as const, slice: 'young' })),
        ],
      });
    const honest = await promote(world, part(56)(await first(line)));
    const evidence = await evidenceOf(world, honest);
    const { checks } = await verifyEvent(
      evidence.files.get(evidence.key) ?? new Uint8Array(),
      evidence.event,
      trustIn(world),
      async (key) => evidence.files.get(key),
    );
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(checks.find((check) => check.name === 'explanation')?.detail).toContain('age_band=18-25; 56 rows, counted again');
    const lying = await promote(world, part(57)(await inBand(line)));
    expect(lying.decision?.reasons.map((reason) => reason.code)).toEqual(['EXPLANATION_SLICE_MISMATCH']);
  });
});
