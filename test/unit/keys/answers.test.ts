// What a caller is told where a key stops the store: its own code, and 503, so that nobody takes it for a no.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { within } from '../../../functions/keys/own.ts';
import { appOf } from '../../support/app.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { driftReport, MONITOR, STEPS } from '../../support/standing.ts';
import { type KeyedWorld, keysOf, openKeyedWorld } from '../../support/stolen-key.ts';

let world: KeyedWorld;
beforeAll(async () => {
  world = await openKeyedWorld();
  await promote(world, await manifestAt(STEPS[0] ?? ''));
});
afterAll(() => world.close());

it('R22 what is sealed at once answers 503 KEY_EXPIRED after the window; GET /keys.json says which window', async () => {
  const [key] = (await keysOf(world)).keys;
  if (key === undefined) throw new Error('no key');
  const report = await driftReport(world);
  const bounded: KeyedWorld = Object.assign(Object.create(world), world, { signer: within(world.signer, key, world.clock) });
  const app = appOf(bounded);
  world.later(366 * 86_400_000);
  const answer = await app.by(MONITOR, '/drift-findings', report);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'KEY_EXPIRED']);
  const list = await app.ask('/keys.json');
  expect(await list.json()).toMatchObject({ keys: { version: 1, keys: [{ keyid: key.keyid, notAfter: key.notAfter }, {}] } });
});
