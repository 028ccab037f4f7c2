// Over HTTP: a sign-in that is too old and a fresh one, an answer that is late, somebody on call who acknowledges.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { type Head, keys } from '../../../functions/domain/rows.ts';
import { ACKNOWLEDGE } from '../../../functions/domain/vote.ts';
import { judge } from '../../../functions/gate/gate.ts';
import { packsFrom } from '../../../functions/packs.ts';
import type { Identified } from '../../../functions/ports.ts';
import { replay } from '../../../functions/replay.ts';
import { statsOf } from '../../../functions/stats.ts';
import { approveStep } from '../../../functions/steps/approve.ts';
import { deskOf } from '../../support/activation.ts';
import { appOf, type TestApp } from '../../support/app.ts';
import { ENGINEER, ON_CALL, withDuties } from '../../support/duties.ts';
import { evidenceOf, failed, resigned, trustIn } from '../../support/evidence.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload } from '../../support/promote.ts';
import { LEAD, OWNER } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, ERIN, identified, MALLORY, openWorld, type TestWorld } from '../../support/world.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const LINE = 'german-credit-01-in-band-retrain';

let world: TestWorld;
let app: TestApp;
beforeEach(async () => {
  world = await openWorld();
  app = appOf(world);
});
afterEach(() => world.close());

async function asked(path: string, more: { line?: string } = {}): Promise<RequestId> {
  const { request, blobs } = await built(world, { ...(await manifestAt(`scenarios/${path}.yaml`)), ...more });
  await upload(world, blobs);
  return announce(world, request);
}

const stateOf = async (id: RequestId) =>
  (await (await app.as(ERIN).get(`/requests/${id}/status`)).json()) as Record<string, unknown>;
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code];

type Sent = { readonly choice?: string; readonly codes?: readonly string[]; readonly accept?: string };

/** Opens the screen and sends the form. */
async function decides(person: Identified, id: RequestId, { choice = 'approve', codes = [], accept }: Sent = {}, at?: 'then') {
  await app.as(person, at).get(`/requests/${id}/screen`);
  const screen = (await dossierOf(world, id)).screen?.screen ?? '';
  const ticks = Object.fromEntries(codes.map((code) => [`criterion.${code}`, 'checked']));
  const form = { screen, choice, nonce: 'n'.repeat(43), conditions: '', ...ticks };
  const answer = await app.as(person, at).post(`/requests/${id}/votes`, form, undefined, accept);
  await world.run();
  return answer;
}

const verified = async (id: RequestId) => {
  const { files, key, event, promotion } = await evidenceOf(world, await dossierOf(world, id));
  const read = async (wanted: string) => files.get(wanted);
  const { checks } = await verifyEvent(files.get(key) ?? new Uint8Array(), event, trustIn(world), read);
  const vault = { get: read, size: async (wanted: string) => files.get(wanted)?.byteLength };
  return { promotion, failed: failed([...checks, ...(await replay({ vault, packs: packsFrom(vault) }, promotion))]) };
};

describe('OBL-004 R7 a fresh sign-in', () => {
  it('is asked for where the sign-in is old, by page and by code, and then the same person decides', async () => {
    const id = await asked('12-no-incumbent/1-v01');
    await explain(world, id);
    const page = async (signedIn: 'now' | 'then') => (await app.as(ALICE, signedIn).get(`/requests/${id}`)).text();
    expect(await page('then')).toContain('name="choice"');
    world.later(61 * MINUTE);
    const [old, fresh] = [await page('then'), await page('now')];
    expect([old.includes('name="choice"'), old.includes(`/sign-in/start?next=%2Frequests%2F${id}`)]).toEqual([false, true]);
    expect([fresh.includes('name="choice"'), fresh.includes('Your sign-in counts until')]).toEqual([true, true]);

    // A form that was opened in time and sent too late.
    const codes = ['HIS-001'];
    const late = await decides(ALICE, id, { codes }, 'then');
    expect(late.headers.get('www-authenticate')).toBe('Bearer error="insufficient_user_authentication"');
    expect([late.status, await late.json()]).toMatchObject([
      401,
      { code: 'STEP_UP_REQUIRED', signIn: `/sign-in/start?next=%2Frequests%2F${id}` },
    ]);
    const shown = await decides(ALICE, id, { codes, accept: 'text/html' }, 'then');
    expect([shown.status, (await shown.text()).includes('Sign in again')]).toEqual([401, true]);
    expect((await dossierOf(world, id)).votes).toEqual([]);

    for (const person of [ALICE, BOB, CAROL]) expect((await decides(person, id, { codes })).status).toBe(303);
    const { promotion, failed: wrong } = await verified(id);
    expect([promotion.outcome, wrong]).toEqual(['approved', []]);
    expect(isAbsent(promotion.routing) ? undefined : promotion.routing.stepUpMinutes).toBe(60);
  }, 30_000);
});

describe('OBL-005 R51 an answer within hours', () => {
  it.each([
    [-1000, false],
    [0, true],
    [1000, true],
  ])(
    '%d ms after it was due: escalated %s, and never approved by that',
    async (ms, overdue) => {
      const id = await asked('12-no-incumbent/1-v01');
      await explain(world, id);
      const stored = Date.parse((await dossierOf(world, id)).screen?.storedAt ?? '');
      const due = stored + 120 * HOUR;
      expect((await app.as(LEAD).get(`/requests/${id}`)).status).toBe(403);
      world.later(due + ms - Date.parse(world.clock.now()));
      const told = await stateOf(id);
      expect([told['answerBy'], told['overdue'], told['state']]).toEqual([new Date(due).toISOString(), overdue, 'voting']);
      const inbox = await (await app.as(LEAD).get('/')).text();
      expect([inbox.includes(id), inbox.includes('Escalated to you (1)'), inbox.includes('overdue since')]).toEqual(
        Array.from({ length: 3 }, () => overdue),
      );
      expect((await app.as(LEAD).get(`/requests/${id}`)).status).toBe(overdue ? 200 : 403);
      expect(await codeOf(await decides(LEAD, id, { codes: ['HIS-001'] })), 'they see it and hold no seat').toEqual([
        403,
        'NOT_YOURS',
      ]);
      const mine = await (await app.as(ALICE).get('/')).text();
      expect([mine.includes(overdue ? 'overdue since' : 'due <time'), mine.includes('escalated to you')]).toEqual([
        true,
        false,
      ]);
      const { committees } = await statsOf(world);
      const late = overdue ? 1 : 0;
      expect(committees.find(({ committee }) => committee === 'retail-credit')).toMatchObject({ waiting: 1, overdue: late });
      world.woken.add(id);
      await world.run();
      expect((await dossierOf(world, id)).decision).toBeUndefined();
    },
    30_000,
  );

  it('runs from the routing while nobody has written why', async () => {
    const id = await asked('12-no-incumbent/1-v01');
    world.later(120 * HOUR);
    expect(await stateOf(id)).toMatchObject({ state: 'needsRationale', overdue: true });
  }, 30_000);
});

describe('OBL-006 R33 somebody on call acknowledges what policy approves', () => {
  const first = async () => {
    const { seal } = await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    await withDuties(deskOf(world), { automated: { on_call_ack: [ON_CALL], respond_within_hours: 24 } });
    return seal?.eventHash as EventHash;
  };
  const retrain = () => asked('01-in-band-retrain/2-v02');

  it('waits for one such person, over the screen, and seals both approvals', async () => {
    const before = await first();
    const id = await retrain();
    expect(await stateOf(id)).toMatchObject({
      path: 'automated',
      state: 'voting',
      outstanding: [{ role: 'on-call', from: 'ml-platform', missing: 1 }],
    });
    expect((await app.as(MALLORY).get(`/requests/${id}`)).status).toBe(403);
    const page = await (await app.as(ENGINEER).get(`/requests/${id}`)).text();
    expect([page.includes('Acknowledge'), page.includes(ACKNOWLEDGE)]).toEqual([true, true]);
    expect((await (await app.as(ENGINEER).get('/')).text()).includes('Waits for you (1)')).toBe(true);
    expect(await (await app.as(ENGINEER).get(`/requests/${id}/screen`)).text()).toContain('has acknowledged it');
    expect(await codeOf(await decides(ALICE, id))).toEqual([403, 'NOT_YOURS']);
    const pipeline = identified('person', 'pipeline', ['on-call@ml-platform']);
    expect(await codeOf(await decides(pipeline, id)), 'who announced it does not acknowledge it').toEqual([403, 'SEPARATION']);

    expect((await decides(ENGINEER, id)).status).toBe(303);
    const { promotion, failed: wrong } = await verified(id);
    expect([promotion.outcome, wrong]).toEqual(['approved', []]);
    const approvals = isAbsent(promotion.approvals) ? [] : promotion.approvals;
    expect(approvals.map((one) => [one.kind, one.kind === 'person' && one.meaning])).toEqual([
      ['policy', false],
      ['person', ACKNOWLEDGE],
    ]);
    const head = (await world.index.get(keys.head(LINE, 'sandbox')))?.body as Head;
    expect([head.lastHumanApproved, head.automatedSinceHuman], 'no cap is reset').toEqual([before, 1]);
    const { committees } = await statsOf(world);
    expect(committees.find(({ committee }) => committee === null)?.automated.count, 'people were asked').toBe(0);
  }, 30_000);

  it('gate and verify want the policy and the person, and nothing else', async () => {
    await first();
    const id = await retrain();
    await decides(ENGINEER, id);
    const { files, promotion, event } = await evidenceOf(world, await dossierOf(world, id));
    const { model } = promotion;
    if (isAbsent(model)) throw new Error('approved');
    const offered = { event, root: model.root, manifest: model.manifest, line: LINE, environment: 'sandbox' };
    expect((await judge(world, offered, trustIn(world))).verdict).toBe('allow');
    expect((await judge(world, offered, trustIn(world, { humanSignature: 'required' }))).code).toBe('HUMAN_SIGNATURE_MISSING');
    const approvalsCheck = async (change: (kept: { kind: string; meaning?: string; choice?: string }[]) => object[]) => {
      const { envelope, event: hash } = await resigned(world.signer, promotion, (changed) => {
        if (!isAbsent(changed.approvals)) changed.approvals = change(changed.approvals) as typeof changed.approvals;
      });
      const { checks } = await verifyEvent(envelope, hash, trustIn(world), async (key) => files.get(key));
      return checks.find(({ name }) => name === 'approvals')?.ok;
    };
    expect(await approvalsCheck((all) => all)).toBe(true);
    expect(await approvalsCheck((all) => all.filter(({ kind }) => kind === 'policy'))).toBe(false);
    expect(await approvalsCheck((all) => all.filter(({ kind }) => kind === 'person'))).toBe(false);
    expect(await approvalsCheck((all) => [...all, ...all.filter(({ kind }) => kind === 'policy')])).toBe(false);
  }, 30_000);

  it('a no rejects it, and silence expires it as the data say', async () => {
    await first();
    const refused = await retrain();
    expect((await decides(ENGINEER, refused, { choice: 'reject' })).status).toBe(303);
    expect((await dossierOf(world, refused)).decision?.outcome).toBe('rejected');
    const manifest = await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml');
    const { request, blobs } = await built(world, { ...manifest, pipelineRun: { ...manifest.pipelineRun, id: 'again' } });
    await upload(world, blobs);
    const silent = await announce(world, request);
    world.later(7 * 24 * HOUR);
    world.woken.add(silent);
    await world.run();
    expect((await dossierOf(world, silent)).decision?.outcome).toBe('expired');
  }, 30_000);

  it('an edited row does not make policy approve alone', async () => {
    await first();
    const id = await retrain();
    const dossier = await dossierOf(world, id);
    if (dossier.routing === undefined) throw new Error('routed');
    const { onCall, ...routing } = dossier.routing;
    expect(onCall).toBe(true);
    await approveStep(world, { ...dossier, routing });
    expect((await dossierOf(world, id)).decision).toMatchObject({
      outcome: 'refused',
      reasons: [{ code: 'EVIDENCE_CHANGED' }],
    });
  }, 30_000);

  it('acknowledged while a committee judges, it is parked until they are done; and two of them do not park each other', async () => {
    await first();
    const judged = await asked('09-model-class/2-v09', { line: LINE });
    const id = await retrain();
    expect((await decides(ENGINEER, id)).status).toBe(303);
    expect((await dossierOf(world, id)).decision).toBeUndefined();
    const manifest = await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml');
    const { request, blobs } = await built(world, { ...manifest, pipelineRun: { ...manifest.pipelineRun, id: 'again' } });
    await upload(world, blobs);
    const other = await announce(world, request);
    expect(await stateOf(other)).toMatchObject({ state: 'voting' });
    expect(await codeOf(await app.by(OWNER, `/requests/${other}/let-pass`, {})), 'nobody acknowledged it').toEqual([
      409,
      'NOT_WAITING',
    ]);
    expect(await (await app.as(OWNER).get(`/requests/${id}`)).text()).toContain('Let it pass');
    expect((await app.by(OWNER, `/requests/${id}/let-pass`, {})).status).toBe(202);
    await world.run();
    expect((await dossierOf(world, judged)).decision?.outcome).toBe('returned');
    expect((await dossierOf(world, id)).decision?.outcome).toBe('approved');
  }, 30_000);
});
