// From a store that fails to a sealed thaw: what is refused meanwhile, what is kept, and what the gate allows on a signed word.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEvent, readPromotion } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import { EventRow } from '../../../functions/domain/rows.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { drive, sweep } from '../../../functions/drive.ts';
import { judge, type Question } from '../../../functions/gate/gate.ts';
import { readHead } from '../../../functions/store.ts';
import { watch } from '../../../functions/thaw.ts';
import { deskOf, value } from '../../support/activation.ts';
import { appOf } from '../../support/app.ts';
import { consent, LINE, ledger, OWNER, PLACE, propose, REASON, twoVersions } from '../../support/brakes.ts';
import { trustIn } from '../../support/evidence.ts';
import { intentFor, MINUTE, SIGNER, type Watched, watched } from '../../support/frozen.ts';
import { announce, built, dossierOf, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { withLines } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, DAVE, openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

let world: Watched<TestWorld>;
beforeEach(async () => {
  world = watched(await openWorld());
});
afterEach(() => world.close());

const state = async () => (await world.health.look()).state;
const down = (): TestWorld['vault']['putOnce'] => async () => {
  throw new InfrastructureError('disk full', { retryable: true });
};

/** The store stops to take anything, until it freezes; then it is well again. */
async function freeze(): Promise<void> {
  const { putOnce } = world.vault;
  world.vault.putOnce = down();
  for (let turn = 0; turn < 3; turn++) {
    world.later(MINUTE);
    await watch(world, '2020-01-01T00:00:00.000Z' as never);
  }
  world.vault.putOnce = putOnce.bind(world.vault);
  expect(await state()).toBe('FROZEN');
}

async function thaw(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    world.later(MINUTE);
    await watch(world, world.clock.now());
  }
}

async function kinds(): Promise<string[]> {
  const found: { at: string; kind: string }[] = [];
  for await (const key of world.vault.list('records/')) {
    const hash = `sha256:${key.slice('records/'.length, -'.dsse.json'.length)}` as EventHash;
    const event = await readEvent(world, hash);
    if (event && event.predicate.kind !== 'promotion') found.push({ at: event.predicate.at, kind: event.predicate.kind });
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ kind }) => kind);
}

async function questionFor(event: EventHash): Promise<Question> {
  const { model } = (await readPromotion(world.vault, event)).promotion;
  if (isAbsent(model)) throw new Error('no model');
  return { event, root: model.root, manifest: model.manifest, ...PLACE };
}

const withIntents = (more: Partial<Trust> = {}): Trust => trustIn(world, { intents: [SIGNER], ...more });

async function asked(question: Question, intent?: Uint8Array, envelope?: Uint8Array, trust = withIntents()): Promise<string> {
  const presented = { ...(intent ? { intent } : {}), ...(envelope ? { envelope } : {}) };
  const { verdict, code } = await judge(world, { ...question, presented }, trust);
  return `${verdict} ${code}`;
}

describe('R23 a store that takes nothing', () => {
  it('freezes after three canaries, thaws after three, and both are sealed with their instants', async () => {
    await twoVersions(world);
    world.vault.putOnce = down();
    const begun = world.clock.now();
    expect(await watch(world, begun), 'something was sealed just now').toBe(begun);
    expect(await state()).toBe('HEALTHY');
    delete (world.vault as { putOnce?: unknown }).putOnce;
    await freeze();
    const before = await kinds();
    await thaw(2);
    expect(await state()).toBe('FROZEN');
    await thaw(1);
    expect(await state()).toBe('HEALTHY');
    const more = (await kinds()).filter((kind) => !before.includes(kind) || kind === 'canary');
    expect(more.filter((kind) => kind === 'canary').length).toBeGreaterThanOrEqual(3);
    expect(more).toEqual(expect.arrayContaining(['freeze', 'thaw']));
  }, 30_000);

  it('one request whose bytes are lost freezes nothing: a canary tells the store from the request', async () => {
    await twoVersions(world);
    world.later(16 * MINUTE);
    const then = await watch(world, world.clock.now(), true);
    expect(await state()).toBe('HEALTHY');
    world.later(16 * MINUTE);
    expect((await watch(world, then, true)) > then).toBe(true);
    expect(await state()).toBe('HEALTHY');
  }, 30_000);
});

describe('R23 while frozen', () => {
  it('nothing new starts and nothing is decided; votes are taken and count at the thaw; pages say so', async () => {
    const manifest = await manifestAt('scenarios/12-no-incumbent/1-v01.yaml');
    const { request, blobs } = await built(world, manifest);
    await upload(world, blobs);
    const id = await announce(world, request);
    await explain(world, id);
    await world.health.note({ kind: 'freeze', at: world.clock.now(), reason: 'the disk is being replaced' });
    const app = appOf(world);
    const refused = await app.by(PIPELINE, '/requests', request);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'FROZEN']);
    const rollback = await app.as(OWNER).post(`/lines/${request.line}/sandbox/rollback`, { to: 'x', reason: REASON });
    expect(rollback.status).toBe(503);
    for (const voter of [ALICE, BOB, CAROL]) expect((await vote(world, id, voter)).ok).toBe(true);
    expect(await drive(world, id)).toBe('voting');
    await sweep(world);
    expect((await dossierOf(world, id)).decision).toBeUndefined();
    expect(await (await app.as(ALICE).get('/')).text()).toContain('the disk is being replaced');
    const screen = await app.as(ALICE).get(`/requests/${id}/screen`);
    expect(await screen.text(), 'sealed bytes stay as they are').not.toContain('the disk is being replaced');
    expect(await (await app.ask('/healthz')).json()).toMatchObject({ store: { state: 'FROZEN', eta: null } });

    await world.health.note({ kind: 'release', at: world.clock.now(), reason: 'replaced' });
    await thaw();
    expect(await state()).toBe('HEALTHY');
    await sweep(world);
    await world.run();
    expect((await dossierOf(world, id)).decision?.outcome).toBe('approved');
  }, 30_000);

  it('the gate refuses as "frozen", apart from "no", and an approved version runs on a signed word alone', async () => {
    const [v1, v2] = await twoVersions(world);
    await freeze();
    const question = await questionFor(v1);
    expect(await asked(question)).toBe('unknown FROZEN');
    expect(await asked({ ...question, root: (await questionFor(v2)).root }, intentFor(world, v1))).toBe(
      'deny ARTEFACT_MISMATCH',
    );
    const lines = world.lines.length;
    const bad: [string, Uint8Array, Trust][] = [
      ['nobody’s key', intentFor(world, v1), trustIn(world)],
      ['another person’s key', intentFor(world, v1), trustIn(world, { intents: [{ ...SIGNER, sub: 'person-mallory' }] })],
      ['another version', intentFor(world, v2), withIntents()],
      ['of before the freeze', intentFor(world, v1, { at: '2026-10-01T00:00:00.000Z' as never }), withIntents()],
      ['of tomorrow', intentFor(world, v1, { at: '2027-10-01T00:00:00.000Z' as never }), withIntents()],
      ['no intent', new TextEncoder().encode('{}'), withIntents()],
    ];
    for (const [why, intent, trust] of bad)
      expect([why, await asked(question, intent, undefined, trust)]).toEqual([why, 'unknown FROZEN']);
    expect(world.lines.length, 'nothing of them was kept').toBe(lines);
    const intent = intentFor(world, v1);
    // A rollout asks once for each machine; the word is kept once.
    for (let machine = 0; machine < 3; machine++) expect(await asked(question, intent)).toBe('allow INTENT');
    expect(world.lines.length).toBe(lines + 1);

    const row = await world.index.get({ pk: `EVENT#${v1}`, sk: 'event' });
    const envelope = await world.vault.get(EventRow.parse(row?.body).key);
    const { get } = world.vault;
    world.vault.get = async () => {
      throw new InfrastructureError('the vault does not answer', { retryable: true });
    };
    expect(await asked(question, intent)).toBe('unknown CANNOT_TELL');
    expect(await asked(question, intent, envelope)).toBe('allow INTENT');
    const flipped = Uint8Array.from(envelope ?? []);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    expect(await asked(question, intent, flipped)).toMatch(/^deny /);
    world.vault.get = get.bind(world.vault);
    const { index } = world;
    const dead = async () => {
      throw new InfrastructureError('the index does not answer', { retryable: true });
    };
    const unreachable = { ...world, index: { ...index, get: dead, list: dead, commit: dead } };
    const { verdict, code } = await judge(unreachable, { ...question, presented: { intent } }, withIntents());
    expect([verdict, code], 'never allowed without the index').toEqual(['unknown', 'CANNOT_TELL']);
  }, 30_000);

  it('what ran on a signed word is sealed at the thaw as a transition, with its own time, once', async () => {
    const [v1, v2] = await twoVersions(world);
    await freeze();
    const at = world.clock.now();
    const intent = intentFor(world, v1, { at });
    expect(await asked(await questionFor(v1), intent)).toBe('allow INTENT');
    expect(await asked(await questionFor(v1), intent)).toBe('allow INTENT');
    await thaw();
    expect(await state()).toBe('HEALTHY');
    const { entries, active, broken } = await ledger(world);
    expect({ active, broken }).toEqual({ active: v1, broken: null });
    expect(entries.slice(2)).toMatchObject([{ what: 'intent', from: v2, to: v1, at }]);
    const sealed = await readEvent(world, entries[2]?.event as EventHash);
    if (sealed === undefined) throw new Error('not sealed');
    const read = async (key: string) => world.vault.get(key);
    const failed = async (trust: Trust) =>
      (await verifyEvent(sealed.envelope, sealed.hash, trust, read)).checks
        .filter(({ ok }) => !ok)
        .map(({ name, code }) => `${name} ${code}`);
    expect(await failed(withIntents())).toEqual([]);
    expect(await failed(trustIn(world))).toEqual(['intent KEY_UNTRUSTED']);
    expect(await asked(await questionFor(v1))).toBe('allow OK');
    expect(await asked(await questionFor(v2))).toBe('deny NOT_ACTIVE');
  }, 30_000);

  it('what was decided before the freeze came first: it is sealed first, and the intent follows it', async () => {
    await withLines(deskOf(world), { [LINE]: (line) => line });
    const manifest = async (step: string) => ({ ...(await manifestAt(`scenarios/01-in-band-retrain/${step}.yaml`)), ...PLACE });
    const v1 = (await promote(world, await manifest('1-v01'))).seal?.eventHash as EventHash;
    const { request, blobs } = await built(world, await manifest('2-v02'));
    await upload(world, blobs);
    const { sign } = world.signer;
    Object.assign(world.signer, {
      sign: async () => {
        throw new InfrastructureError('the key does not answer', { retryable: true });
      },
    });
    await expect(announce(world, request)).rejects.toThrow('the key does not answer');
    Object.assign(world.signer, { sign });
    const { head } = await readHead(world.index, LINE, 'sandbox');
    expect([head.incumbent, head.reservedBy === null]).toEqual([v1, false]);
    await world.health.note({ kind: 'freeze', at: world.clock.now(), reason: 'the key does not answer' });
    expect(await asked(await questionFor(v1), intentFor(world, v1))).toBe('allow INTENT');
    await world.health.note({ kind: 'release', at: world.clock.now(), reason: 'it answers' });
    await thaw();
    const { entries, active, broken } = await ledger(world);
    expect({ active, broken }).toEqual({ active: v1, broken: null });
    expect(entries.map(({ what }) => what)).toEqual(['promotion', 'promotion', 'intent']);
  }, 60_000);

  it('a revoked version runs on nobody’s word; to revoke and to break glass stay possible', async () => {
    const [v1, v2] = await twoVersions(world);
    await world.health.note({ kind: 'freeze', at: world.clock.now(), reason: 'the disk is being replaced' });
    const revocation = { what: 'revocation' as const, ...PLACE, event: v1, to: null, reason: REASON };
    expect(value(await consent(world, value(await propose(world, revocation, OWNER)), DAVE)).event).not.toBeNull();
    expect(await asked(await questionFor(v1), intentFor(world, v1))).toBe('deny REVOKED');
    const { root, manifest } = await questionFor(v2);
    const terms = { what: 'breakGlass' as const, ...PLACE, root, manifest, hours: 1, reason: REASON };
    const glass = value(await consent(world, value(await propose(world, terms, OWNER)), DAVE)).event as EventHash;
    const allowed = withIntents({ breakGlass: 'allowed' });
    expect(await asked({ ...(await questionFor(v2)), event: glass }, undefined, undefined, allowed)).toBe('allow BREAK_GLASS');
    expect(v2).not.toBe(v1);
    expect(LINE).toBe(PLACE.line);
  }, 30_000);
});
