// None → Staging → Production → Archived, of a line of tier high: each step an event, each with the governance lead's approval.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consentToAct, proposeAct, serveAct } from '../../../functions/acts/acts.ts';
import { openActs, readAct } from '../../../functions/acts/seal.ts';
import { readEvent, readPromotion } from '../../../functions/baseline.ts';
import type { Digest, EventHash } from '../../../functions/domain/digest.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { sweep } from '../../../functions/drive.ts';
import { exportKeys } from '../../../functions/export.ts';
import { judge } from '../../../functions/gate/gate.ts';
import type { Identified } from '../../../functions/ports.ts';
import { replay } from '../../../functions/replay.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { readHead } from '../../../functions/store.ts';
import { codes, type Desk, deskOf, value } from '../../support/activation.ts';
import { announce, built, dossierOf, explain, manifestAt, upload, vote } from '../../support/promote.ts';
import { LEAD, OWNER, STAGED, staged, withLines } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, DAVE, ISSUER, MALLORY, openWorld, PIPELINE, signedInNow } from '../../support/world.ts';

const REASON = 'The product this model decides for is closed at the end of the month.';
const A_DAY = 86_400_000;

let desk: Desk;
beforeEach(async () => {
  desk = deskOf(await openWorld());
  await withLines(desk, { [STAGED]: staged });
});
afterEach(() => desk.close());

const trustIn = (environment: string): Trust => ({
  environment,
  class: 'dev',
  keys: [{ keyid: desk.signer.keyid, spki: desk.signer.spki, class: 'dev' }],
  issuers: [ISSUER],
  proof: 'index',
  humanSignature: 'optional',
});

/** Announced and explained; then it waits for votes. */
async function waiting(environment: string, run: string, model = 'versions/v01/model') {
  const first = await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml');
  const version = model === first.model.folder ? first.model.version : 'another';
  const manifest = { ...first, model: { ...first.model, folder: model, version } };
  const { request, blobs } = await built(desk, { ...manifest, line: STAGED, environment });
  await upload(desk, blobs);
  const id = await announce(desk, { ...request, pipelineRun: { ...request.pipelineRun, id: run } });
  await explain(desk, id);
  const dossier = await dossierOf(desk, id);
  const routing = await readRouting(desk, dossier);
  return { id, root: request.model.root, codes: new Set(routing.findings.map(({ code }) => code)), groups: routing.groups };
}

async function promoted(environment: string, run: string) {
  const waits = await waiting(environment, run);
  for (const voter of [ALICE, BOB, CAROL]) await vote(desk, waits.id, voter);
  const without = (await dossierOf(desk, waits.id)).decision;
  await vote(desk, waits.id, LEAD);
  const dossier = await dossierOf(desk, waits.id);
  return { ...waits, without, outcome: dossier.decision?.outcome, event: dossier.seal?.eventHash as EventHash };
}

const terms = (from: EventHash, environment = 'production') => ({
  what: 'archive' as const,
  line: STAGED,
  environment,
  from,
  reason: REASON,
});

async function consented(id: Digest, person: Identified) {
  const served = await serveAct(desk, id, person);
  const screen = (await readAct(desk, id))?.row.screen;
  return served.ok ? consentToAct(desk, id, screen, person) : served;
}

const gate = async (event: EventHash, root: Digest, environment = 'production') => {
  const { model } = (await readPromotion(desk.vault, event)).promotion;
  if (isAbsent(model)) throw new Error('an approved promotion has a model');
  const verdict = await judge(desk, { event, root, manifest: model.manifest, line: STAGED, environment }, trustIn(environment));
  return `${verdict.verdict} ${verdict.code}`;
};

async function verified(hash: EventHash): Promise<string[]> {
  const event = await readEvent(desk, hash);
  if (event === undefined) throw new Error('no event');
  const kept = new Set(await exportKeys(desk, event));
  const read = async (key: string) => (kept.has(key) ? desk.vault.get(key) : undefined);
  const { checks } = await verifyEvent(event.envelope, hash, trustIn('production'), read);
  const again = event.predicate.kind === 'promotion' ? await replayOf(kept, event.predicate) : [];
  return [...checks, ...again].filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
}

function replayOf(kept: ReadonlySet<string>, predicate: Parameters<typeof replay>[1]) {
  const get = async (key: string) => (kept.has(key) ? desk.vault.get(key) : undefined);
  const size = async (key: string) => (kept.has(key) ? desk.vault.size(key) : undefined);
  return replay({ vault: { get, size }, packs: desk.packs }, predicate);
}

describe('R65 R50 from none to archived, tier high', () => {
  it('each step waits for the governance lead, is sealed, verifies and replays from its export alone', async () => {
    const staging = await promoted('staging', 'run-1');
    expect([staging.without, staging.outcome]).toEqual([undefined, 'approved']);
    expect([...staging.codes]).toEqual(['HIS-001']);
    expect(await gate(staging.event, staging.root, 'staging')).toBe('allow OK');

    const production = await promoted('production', 'run-2');
    expect([production.without, production.outcome]).toEqual([undefined, 'approved']);
    expect([...production.codes]).toEqual(['HIS-001']);
    expect(await gate(production.event, production.root)).toBe('allow OK');

    const id = value(await proposeAct(desk, terms(production.event), DAVE));
    for (const person of [ALICE, BOB, CAROL]) {
      expect(value(await consented(id, person))).toMatchObject({ event: null });
    }
    expect(value(await consented(id, CAROL)).missing).toMatchObject([{ role: 'ai-governance-lead', missing: 1 }]);
    expect(await gate(production.event, production.root)).toBe('allow OK');
    const { event } = value(await consented(id, LEAD));
    expect(event).not.toBeNull();
    expect(await gate(production.event, production.root)).toBe('deny ARCHIVED');
    expect(await gate(staging.event, staging.root, 'staging'), 'another environment is another head').toBe('allow OK');
    for (const hash of [staging.event, production.event, event as EventHash]) expect(await verified(hash)).toEqual([]);

    const sealed = await readEvent(desk, event as EventHash);
    expect(sealed).toMatchObject({
      key: expect.stringMatching(/^records\//),
      predicate: { kind: 'transition', from: production.event, to: null, reason: REASON, tier: 'high' },
    });
    const { head } = await readHead(desk.index, STAGED, 'production');
    expect(head).toEqual({
      last: event,
      incumbent: null,
      lastHumanApproved: null,
      automatedSinceHuman: null,
      reservedBy: null,
    });
    expect((await waiting('production', 'run-3')).codes).toEqual(new Set(['HIS-001']));
  }, 60_000);

  it('a model that was never approved in staging is a finding for the committee, which it names in the input', async () => {
    const straight = await waiting('production', 'run-1');
    expect(straight.codes).toEqual(new Set(['HIS-001', 'HIS-010']));
    await promoted('staging', 'run-2');
    const other = await waiting('production', 'run-3', 'versions/v03/model');
    expect(other.codes, 'another model was approved there').toEqual(new Set(['HIS-001', 'HIS-010']));
  }, 60_000);

  it('a row that names another event as the stage before proves nothing', async () => {
    const staging = await promoted('staging', 'run-1');
    const { predecessorOf } = await import('../../../functions/predecessor.ts');
    const { readPromotion } = await import('../../../functions/baseline.ts');
    const { request } = await readPromotion(desk.vault, staging.event);
    const line = (await desk.packs.load((await dossierOf(desk, staging.id)).request.pack)).lines.get(STAGED) ?? null;
    const asked = (of: typeof request) => predecessorOf(desk.vault, line, of, () => staging.event);
    const there = { ...request, environment: 'production' };
    expect(await asked(there)).toEqual({ environment: 'staging', event: staging.event });
    const root = `sha256:${'0'.repeat(64)}` as Digest;
    expect(await asked({ ...there, model: { ...there.model, root } })).toEqual({ environment: 'staging', event: null });
    expect(await asked({ ...there, line: 'another' })).toEqual({ environment: 'staging', event: null });
    expect(await asked(request), 'the first stage asks for none').toBeUndefined();
  }, 30_000);
});

describe('R65 a proposal to archive', () => {
  let production: Awaited<ReturnType<typeof promoted>>;
  beforeEach(async () => {
    production = await promoted('staging', 'run-1');
  });
  const propose = (who: Identified, more = {}) => proposeAct(desk, { ...terms(production.event, 'staging'), ...more }, who);

  it('is for those who answer for the line, decide for it or deploy it, and names the active version', async () => {
    expect(codes(await propose(MALLORY))).toEqual(['NOT_YOURS ']);
    expect(codes(await propose(DAVE, { line: 'nobody-registered-this' }))).toEqual(['NOT_FOUND /line']);
    expect(codes(await propose(DAVE, { environment: 'production' }))).toEqual(['NOT_WAITING /environment']);
    const other = `sha256:${'0'.repeat(64)}` as EventHash;
    expect(codes(await propose(DAVE, { from: other }))).toEqual(['STALE_COMPARISON /from']);
    for (const who of [DAVE, PIPELINE, OWNER, LEAD]) expect(codes(await propose(who))).toEqual([]);
    expect(await openActs(desk)).toHaveLength(4);
    const first = value(await propose(DAVE));
    expect(value(await propose(DAVE)), 'the same again is the same').toBe(first);
    expect(await openActs(desk)).toHaveLength(4);
  });

  it('is approved by those asked, who were shown the page, and never by who proposed it', async () => {
    const id = value(await propose(ALICE));
    const screen = (await readAct(desk, id))?.row.screen;
    expect(codes(await consented(id, ALICE))).toEqual(['SEPARATION ']);
    expect(codes(await consented(id, DAVE)), 'no seat on this path').toEqual(['NOT_YOURS ']);
    expect(codes(await consented(id, PIPELINE))).toEqual(['PERSON_ONLY ']);
    expect(codes(await consentToAct(desk, id, screen, BOB))).toEqual(['SCREEN_NOT_SERVED /screen']);
    await serveAct(desk, id, BOB);
    expect(codes(await consentToAct(desk, id, 'sha256:other', BOB))).toEqual(['SCREEN_MISMATCH /screen']);
    expect(value(await consentToAct(desk, id, screen, BOB))).toMatchObject({ event: null });
  });

  it('is approved on a fresh sign-in, as a promotion of its path is', async () => {
    const id = value(await propose(ALICE));
    await serveAct(desk, id, BOB);
    desk.later(61 * 60_000);
    const screen = (await readAct(desk, id))?.row.screen;
    expect(codes(await consentToAct(desk, id, screen, BOB))).toEqual(['STEP_UP_REQUIRED ']);
    expect((await readAct(desk, id))?.consents).toEqual([]);
    expect(value(await consentToAct(desk, id, screen, signedInNow(desk, BOB)))).toMatchObject({ event: null });
  });

  it('that nobody approves in time ends nothing, and may be made again', async () => {
    const id = value(await propose(DAVE));
    for (const person of [ALICE, BOB, CAROL]) await consented(id, person);
    await serveAct(desk, id, LEAD);
    desk.later(31 * A_DAY);
    expect(codes(await consented(id, LEAD))).toEqual(['TOO_LATE ']);
    await sweep(desk);
    expect(await openActs(desk)).toEqual([]);
    expect(await gate(production.event, production.root, 'staging')).toBe('allow OK');
    expect(value(await propose(DAVE))).not.toBe(id);
  });

  it('ends nothing when an automated promotion replaced the version meanwhile', async () => {
    const id = value(await propose(DAVE));
    for (const person of [ALICE, BOB, CAROL]) await consented(id, person);
    const manifest = await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml');
    const { request, blobs } = await built(desk, { ...manifest, line: STAGED, environment: 'staging' });
    await upload(desk, blobs);
    const retrain = await dossierOf(desk, await announce(desk, request));
    expect([retrain.routing?.path, retrain.decision?.outcome]).toEqual(['automated', 'approved']);
    expect(codes(await consented(id, LEAD))).toEqual(['STALE_COMPARISON ']);
    await sweep(desk);
    expect(await openActs(desk)).toEqual([]);
  });

  it('people who judge the next version meanwhile find that the incumbent ended: stale', async () => {
    const manifest = await manifestAt('scenarios/02-threshold-moved/2-v03.yaml');
    const { request, blobs } = await built(desk, { ...manifest, line: STAGED, environment: 'staging' });
    await upload(desk, blobs);
    const id = await announce(desk, request);
    await explain(desk, id);
    const archive = value(await propose(PIPELINE));
    for (const person of [ALICE, BOB, CAROL, LEAD]) await consented(archive, person);
    expect((await readAct(desk, archive))?.seal).toBeDefined();
    for (const person of [DAVE, LEAD]) await vote(desk, id, person);
    expect((await dossierOf(desk, id)).decision?.outcome).toBe('stale');
    expect((await readHead(desk.index, STAGED, 'staging')).head.incumbent).toBeNull();
  });

  it('an index edited to point back at the archived version does not bring it back', async () => {
    const id = value(await propose(DAVE));
    for (const person of [ALICE, BOB, CAROL, LEAD]) await consented(id, person);
    const key = { pk: `HEAD#${STAGED}#staging`, sk: 'head' };
    const row = await desk.index.get(key);
    const body = { ...(row?.body as object), incumbent: production.event };
    await desk.index.commit([{ kind: 'register', key, body, expected: row?.revision ?? 0 }]);
    expect(await gate(production.event, production.root, 'staging')).toBe('deny ARCHIVED');
  });
});
