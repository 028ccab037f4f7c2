// The ledger's page and its brakes as people use them, without a command.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAct } from '../../../functions/acts/seal.ts';
import type { Digest, EventHash } from '../../../functions/domain/digest.ts';
import { appOf, type TestApp } from '../../support/app.ts';
import { gate, LINE, OWNER, REASON, twoVersions } from '../../support/brakes.ts';
import { seat } from '../../support/staged-line.ts';
import { DAVE, ERIN, openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let app: TestApp;
let v1: EventHash;
let v2: EventHash;
beforeEach(async () => {
  world = await openWorld();
  app = appOf(world);
  [v1, v2] = await twoVersions(world);
});
afterEach(() => world.close());

const PATH = `/lines/${LINE}/sandbox/ledger`;

it('R58 R59 R61 the page shows every entry and who may brake; two people roll back with it', async () => {
  const page = await (await app.as(OWNER).get(PATH)).text();
  for (const text of [v1, v2, 'Roll back', 'Take an approval back', `<option value="${v1}">`]) expect(page).toContain(text);
  const rollbackForm = page.slice(page.indexOf('Roll back'), page.indexOf('Take an approval back'));
  expect(rollbackForm, 'not to what is active').not.toContain(`<option value="${v2}">`);
  expect(await (await app.as(ERIN).get(PATH)).text()).toContain('You cannot propose anything here');
  expect((await app.as(seat('motor-1', 'model-risk', 'motor')).get(PATH)).status).toBe(403);

  const fields = { to: v1, reason: REASON };
  const proposed = await app.as(OWNER).post(`/lines/${LINE}/sandbox/rollback`, fields, undefined, 'text/html');
  expect(proposed.status).toBe(303);
  const where = proposed.headers.get('location') ?? '';
  const inboxOf = async (person: typeof DAVE) => (await app.as(person).get('/')).text();
  expect(await inboxOf(DAVE), 'it waits for who is asked').toContain(`href="${where}"`);
  expect(await inboxOf(OWNER), 'and not for who proposed it').not.toContain(where);
  expect((await app.as(DAVE).get('/archive')).headers.get('location')).toBe('/acts');
  expect(await (await app.as(DAVE).get(where)).text()).toContain(
    'I approve that the version on the page named here runs again',
  );
  const screen = (await readAct(world, where.slice('/acts/'.length) as Digest))?.row.screen ?? '';
  const unseen = await app.as(DAVE).post(`${where}/approve`, { screen });
  expect(((await unseen.json()) as { code: string }).code).toBe('SCREEN_NOT_SERVED');
  expect(await (await app.as(DAVE).get(`${where}/screen`)).text()).toContain(REASON);
  expect((await app.as(DAVE).post(`${where}/approve`, { screen })).status).toBe(200);
  expect(await inboxOf(DAVE)).not.toContain(where);
  expect([await gate(world, v1), await gate(world, v2)]).toEqual(['allow OK', 'deny NOT_ACTIVE']);
  const entries = async (query = '') =>
    ((await (await app.by(PIPELINE, PATH + query)).json()) as { entries: { what: string }[] }).entries.map(({ what }) => what);
  expect(await entries()).toEqual(['promotion', 'promotion', 'rollback']);
  expect(await entries('?as-of=2026-10-31')).toEqual([]);
  expect(await entries('?as-of=2026-11-01')).toEqual(['promotion', 'promotion', 'rollback']);
}, 60_000);
