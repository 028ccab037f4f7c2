// How long an execution may wait with nobody looking. Its token stands in a table that may be erased; without it no vote wakes it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitSecondsOf } from '../../../functions/waits.ts';
import { announce, built, dossierOf, explain, manifestAt, upload } from '../../support/promote.ts';
import { openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

const HOURS = 3_600;

let world: TestWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

it('R22a who waits for people looks again within hours, so a lost token costs hours and never the days that people are given', async () => {
  const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  await upload(world, blobs);
  const id = await announce(world, request, PIPELINE);
  await explain(world, id);
  const dossier = await dossierOf(world, id);
  const given = Date.parse(dossier.screen?.expiresAt ?? '') - Date.parse(world.clock.now());
  expect(given / 1000).toBeGreaterThan(24 * HOURS);
  const waits = await waitSecondsOf(world, dossier, 'voting');
  expect(waits).toBeGreaterThan(HOURS);
  expect(waits).toBeLessThanOrEqual(6 * HOURS);
});
