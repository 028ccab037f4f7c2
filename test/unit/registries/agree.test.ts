// What a run logged of its data is held against the slices of the request (R9a).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hexOf } from '../../../functions/domain/digest.ts';
import type { PromotionRequest } from '../../../functions/domain/request.ts';
import { problemsOfSnapshot } from '../../../functions/intake/agree.ts';
import type { ServedDataset } from '../../../functions/registry.ts';
import { built, manifestAt } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let request: PromotionRequest;
beforeAll(async () => {
  world = await openWorld();
  request = (await built(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'))).request;
});
afterAll(() => world?.close());

const problemsOf = (...datasets: ServedDataset[]) =>
  problemsOfSnapshot(request, {
    ...{ model: request.model.name, version: request.model.version, run: null, inputs: null, params: {}, metrics: [] },
    ...{ files: request.model.files, request: null, datasets },
  }).map(({ code, pointer }) => `${code} ${pointer}`);

const told = (more: Partial<ServedDataset> = {}): ServedDataset => {
  const [slice] = request.dataset;
  if (slice === undefined) throw new Error('the example has slices');
  return { name: slice.name, digest: hexOf(slice.digest).slice(0, 32), rows: slice.rows, ...more };
};

it('R9a the slice itself, by 32 digits or all of them, and what is no slice, contradict nothing', () => {
  const [slice] = request.dataset;
  expect(problemsOf()).toEqual([]);
  expect(problemsOf(told(), told({ digest: hexOf(slice?.digest ?? ('' as never)) }), told({ rows: null }))).toEqual([]);
  expect(problemsOf(told({ name: 'another', digest: 'f'.repeat(32), rows: 1 }))).toEqual([]);
});

it('R9a another digest is refused by field; 8 digits of MLflow are no evidence of anything', () => {
  expect(problemsOf(told({ digest: 'f'.repeat(32) }))).toEqual(['REGISTRY_MISMATCH /dataset/0/digest']);
  expect(problemsOf(told({ digest: 'f'.repeat(31) }))).toEqual([]);
  expect(problemsOf(told({ digest: '12e9cbc0' }))).toEqual([]);
  expect(problemsOf(told({ digest: 'f'.repeat(32) }), told()), 'logged again, and right').toEqual([]);
});

it('R9a another number of rows is refused by field', () => {
  expect(problemsOf(told({ digest: '12e9cbc0', rows: 449 }))).toEqual(['REGISTRY_MISMATCH /dataset/0/rows']);
  expect(problemsOf(told({ rows: 0 }))).toEqual(['REGISTRY_MISMATCH /dataset/0/rows']);
});
