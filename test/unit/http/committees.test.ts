// Over HTTP: committees that have nothing to do with each other, a version that ends, a parked request that is let pass.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest, EventHash } from '../../../functions/domain/digest.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import type { Identified } from '../../../functions/ports.ts';
import { deskOf } from '../../support/activation.ts';
import { appOf, type TestApp } from '../../support/app.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload } from '../../support/promote.ts';
import { decidedBy, LEAD, OWNER, STAGED, seat, staged, withLines } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, ERIN, identified, openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let app: TestApp;
beforeEach(async () => {
  world = await openWorld();
  app = appOf(world);
});
afterEach(() => world.close());

async function asked(line: string, environment = 'sandbox', path = '01-in-band-retrain/1-v01'): Promise<RequestId> {
  const manifest = await manifestAt(`scenarios/${path}.yaml`);
  const { request, blobs } = await built(world, { ...manifest, line, environment });
  await upload(world, blobs);
  return announce(world, request);
}

const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];

async function ballot(person: Identified, id: RequestId, path: string, more: Record<string, string> = {}) {
  await app.as(person).get(`/requests/${id}/screen`);
  const screen = (await dossierOf(world, id)).screen?.screen ?? '';
  const form = { screen, choice: 'approve', nonce: 'n'.repeat(43), conditions: '', ...more };
  const answer = await app.as(person).post(path, form);
  await world.run();
  return answer;
}

const AUDITOR = identified('person', 'person-ada', ['auditor']);

describe('R51 two lines whose committees have nobody in common', () => {
  it('a member of one gets 403 on the other and sees nothing of it in the inbox', async () => {
    await withLines(deskOf(world), { 'cards-a': decidedBy('cards'), 'motor-a': decidedBy('motor') });
    const ids = { cards: await asked('cards-a'), motor: await asked('motor-a') };
    for (const id of Object.values(ids)) await explain(world, id);
    const people = { cards: seat('card-1', 'model-risk', 'cards'), motor: seat('motor-1', 'model-risk', 'motor') };
    for (const [mine, other] of [
      ['cards', 'motor'],
      ['motor', 'cards'],
    ] as const) {
      const person = people[mine];
      const inbox = await (await app.as(person).get('/')).text();
      expect([inbox.includes(ids[mine]), inbox.includes(ids[other]), inbox.includes(`${other}-a`)]).toEqual([
        true,
        false,
        false,
      ]);
      expect((await app.as(person).get(`/requests/${ids[mine]}`)).status).toBe(200);
      expect(await codeOf(await app.as(person).get(`/requests/${ids[other]}`, 'application/json'))).toEqual([403, 'NOT_YOURS']);
      expect(await codeOf(await app.as(person).get(`/requests/${ids[other]}/screen`, '*/*'))).toEqual([403, 'NOT_YOURS']);
      const vote = await ballot(person, ids[other], `/requests/${ids[other]}/votes`, { 'criterion.HIS-001': 'checked' });
      expect(await codeOf(vote)).toEqual([403, 'NOT_YOURS']);
      expect((await dossierOf(world, ids[other])).served.map(({ actor }) => actor.sub)).not.toContain(
        person.principal.actor.sub,
      );
      expect(await ballot(person, ids[mine], `/requests/${ids[mine]}/votes`, { 'criterion.HIS-001': 'checked' })).toMatchObject(
        {
          status: 303,
        },
      );
    }
    for (const all of [AUDITOR, ERIN]) {
      const inbox = await (await app.as(all).get('/')).text();
      expect([inbox.includes(ids.cards), inbox.includes(ids.motor)], 'who sits in no committee sees all').toEqual([true, true]);
    }
  }, 30_000);

  it('a member of one opens nothing of the other by a guessed id or a hash of the public log, page or JSON', async () => {
    await withLines(deskOf(world), { 'cards-a': decidedBy('cards'), 'motor-a': decidedBy('motor') });
    const id = await asked('motor-a');
    await explain(world, id);
    const jury = [
      seat('motor-1', 'model-risk', 'motor'),
      seat('motor-2', 'model-risk', 'motor'),
      seat('motor-3', 'business-owner', 'motor'),
    ];
    for (const person of jury) await ballot(person, id, `/requests/${id}/votes`, { 'criterion.HIS-001': 'checked' });
    const event = (await dossierOf(world, id)).seal?.eventHash as EventHash;
    expect(event).toBeDefined();
    const paths = [
      `/requests/${id}/status`,
      `/events/${event}`,
      `/events/${event}/envelope`,
      `/events/${event}/files`,
      `/vault/events/${event.slice('sha256:'.length)}.dsse.json`,
      '/lines/motor-a/sandbox',
    ];
    const stranger = seat('card-1', 'model-risk', 'cards');
    for (const path of paths) {
      expect(await codeOf(await app.as(stranger).get(path, '*/*')), path).toEqual([403, 'NOT_YOURS']);
      expect((await app.as(stranger).get(path)).status, path).toBe(403);
      for (const one of [jury[0] as Identified, AUDITOR]) expect((await app.as(one).get(path)).status, path).toBe(200);
    }
    for (const path of [...paths, '/lines/motor-a/sandbox/baselines']) {
      expect((await app.by(stranger, path)).status, path).not.toBe(200);
      if (path !== `/events/${event}`) expect((await app.by(PIPELINE, path)).status, path).toBe(200);
    }
  }, 30_000);

  it('a member of a committee of another path of the line, a lead of its tier and its owner see it', async () => {
    await withLines(deskOf(world), { [STAGED]: (line) => staged(decidedBy('cards')(line)) });
    const id = await asked(STAGED, 'staging');
    const reviewer = seat('card-2', 'model-risk-reviewer', 'cards');
    for (const person of [reviewer, LEAD, OWNER]) expect((await app.as(person).get(`/requests/${id}`)).status).toBe(200);
    for (const person of [ALICE, BOB]) expect((await app.as(person).get(`/requests/${id}`)).status).toBe(403);
  }, 30_000);
});

describe('R65 over HTTP', () => {
  it('a pipeline proposes, people approve the frozen page, and it ends', async () => {
    await withLines(deskOf(world), { [STAGED]: staged });
    const id = await asked(STAGED, 'staging');
    await explain(world, id);
    for (const person of [ALICE, BOB, CAROL, LEAD])
      await ballot(person, id, `/requests/${id}/votes`, { 'criterion.HIS-001': 'checked' });
    const from = (await dossierOf(world, id)).seal?.eventHash as EventHash;
    const { model } = (await built(world, { ...(await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml')) })).request;
    const stages = await app.by(PIPELINE, `/lines/${STAGED}/stages/${model.root}`);
    expect(await stages.json()).toEqual({ approvedIn: [{ environment: 'staging', event: from }] });
    const path = `/lines/${STAGED}/staging/archive`;
    const reason = 'The product this model decides for is closed.';
    expect(await codeOf(await app.by(PIPELINE, path, { reason: 'short' }))).toEqual([422, 'INVALID_VALUE']);
    expect(await codeOf(await app.by(AUDITOR, path, { reason }))).toEqual([403, 'NOT_YOURS']);
    const proposed = await app.by(PIPELINE, path, { reason });
    expect(proposed.status).toBe(202);
    const { act: archive } = (await proposed.json()) as { act: Digest };

    const told = (await (await app.as(ALICE).get(`/acts/${archive}`, '*/*')).json()) as { screen: string; about: unknown };
    expect(told.about).toEqual([{ as: 'Ends', event: from }]);
    const stranger = seat('motor-1', 'model-risk', 'motor');
    expect(await codeOf(await app.as(stranger).get(`/acts/${archive}`, '*/*'))).toEqual([403, 'NOT_YOURS']);
    expect(await (await app.as(stranger).get('/acts')).text()).not.toContain(STAGED);
    expect(await (await app.as(ALICE).get('/acts')).text()).toContain(STAGED);
    for (const person of [ALICE, BOB, CAROL, LEAD]) {
      const browser = app.as(person);
      expect(await (await browser.get(`/acts/${archive}`)).text()).toContain('I approve that this version ends');
      const screen = await browser.get(`/acts/${archive}/screen`);
      expect(screen.headers.get('content-security-policy')).toContain('sandbox');
      expect(await screen.text()).toContain(reason);
      expect(await codeOf(await browser.post(`/acts/${archive}/approve`, { screen: told.screen }, 'not ours'))).toEqual([
        403,
        'FORM_NOT_OURS',
      ]);
      expect((await browser.post(`/acts/${archive}/approve`, { screen: told.screen })).status).toBe(200);
    }
    const { eventHash } = (await (await app.as(ALICE).get(`/acts/${archive}`, '*/*')).json()) as { eventHash: EventHash };
    expect(await (await app.as(ALICE).get(`/events/${eventHash}`, '*/*')).json()).toMatchObject({
      kind: 'transition',
      from,
      to: null,
    });
    const baselines = await app.by(PIPELINE, `/lines/${STAGED}/staging/baselines`);
    expect(await baselines.json()).toMatchObject({ incumbent: null, lastHumanApproved: null, automatedSinceHuman: null });
    expect(await codeOf(await app.by(PIPELINE, path, { reason }))).toEqual([409, 'NOT_WAITING']);
  }, 30_000);
});

describe('a parked request, over HTTP', () => {
  it('R33 is let pass by the owner of record, from its page or with a token', async () => {
    const line = 'german-credit-01-in-band-retrain';
    await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    const judged = await asked(line, 'sandbox', '09-model-class/2-v09');
    const parked = await asked(line, 'sandbox', '01-in-band-retrain/2-v02');
    const owner = identified('person', 'person-owner', ['owner-of-record@model-owner-1']);
    expect(await (await app.as(ALICE).get(`/requests/${parked}`)).text()).not.toContain('Let it pass');
    expect(await (await app.as(owner).get(`/requests/${parked}`)).text()).toContain('Let it pass');
    expect(await codeOf(await app.as(ALICE).post(`/requests/${parked}/let-pass`))).toEqual([403, 'NOT_YOURS']);
    expect(await codeOf(await app.as(owner).post(`/requests/${parked}/let-pass`, {}, 'not ours'))).toEqual([
      403,
      'FORM_NOT_OURS',
    ]);
    const passed = await app.by(owner, `/requests/${parked}/let-pass`, {});
    expect([passed.status, await passed.json()]).toEqual([202, { requestId: parked, returned: [judged] }]);
    await world.run();
    expect((await dossierOf(world, parked)).decision?.outcome).toBe('approved');
    expect((await dossierOf(world, judged)).decision?.outcome).toBe('returned');
    const stats = await app.by(PIPELINE, '/stats');
    expect(await stats.json()).toMatchObject({
      committees: expect.arrayContaining([expect.objectContaining({ committee: null })]),
    });
  }, 30_000);
});
