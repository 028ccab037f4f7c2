// Ways in which a version was once ended, resumed or passed a stage by fewer than the policy asks.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activeOf } from '../../../functions/activation.ts';
import { consentToAct, proposeAct, serveAct } from '../../../functions/acts/acts.ts';
import { readAct } from '../../../functions/acts/seal.ts';
import { readPromotion } from '../../../functions/baseline.ts';
import { flawOf } from '../../../functions/domain/act.ts';
import type { Digest, EventHash } from '../../../functions/domain/digest.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { saidKey } from '../../../functions/domain/vault-keys.ts';
import { sweep } from '../../../functions/drive.ts';
import type { Identified } from '../../../functions/ports.ts';
import { predecessorOf } from '../../../functions/predecessor.ts';
import { suspend } from '../../../functions/suspend.ts';
import { codes, type Desk, deskOf, value } from '../../support/activation.ts';
import { announce, built, dossierOf, explain, manifestAt, upload, vote } from '../../support/promote.ts';
import { LEAD, OWNER, STAGED, staged, withLines } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, DAVE, ISSUER, identified, openWorld, PIPELINE } from '../../support/world.ts';

const REASON = 'The product this model decides for is closed at the end of the month.';
const PLACE = { line: STAGED, environment: 'staging' };

let desk: Desk;
beforeEach(async () => {
  desk = deskOf(await openWorld());
});
afterEach(() => desk.close());

async function promoted(): Promise<EventHash> {
  const manifest = await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml');
  const { request, blobs } = await built(desk, { ...manifest, ...PLACE });
  await upload(desk, blobs);
  const id = await announce(desk, request);
  await explain(desk, id);
  for (const voter of [ALICE, BOB, CAROL, LEAD]) await vote(desk, id, voter);
  return (await dossierOf(desk, id)).seal?.eventHash as EventHash;
}

async function consented(id: Digest, person: Identified) {
  await serveAct(desk, id, person);
  return consentToAct(desk, id, (await readAct(desk, id))?.row.screen, person);
}

describe('R65 R35 an end of a version under a register that was set back', () => {
  it('is not proposed, and a suspended line is not resumed; to suspend stays possible', async () => {
    const before = (await activeOf(desk.index))?.row;
    await withLines(desk, { [STAGED]: staged });
    const pack = await withLines(desk, { [STAGED]: (line) => ({ ...staged(line), exposure: 'another' }) });
    const from = await promoted();
    const row = await desk.index.get(keys.activation);
    // Points at the pack of today, by the event of the day before: enough to ask whom that day asked.
    const body = { ...before, pack };
    await desk.index.commit([{ kind: 'register', key: keys.activation, body, expected: row?.revision ?? 0 }]);
    expect(codes(await proposeAct(desk, { what: 'archive', ...PLACE, from, reason: REASON }, DAVE))).toEqual([
      'POLICY_NOT_NEWEST ',
    ]);
    expect(codes(await suspend(desk, PLACE, { state: 'suspended', reason: REASON }, OWNER))).toEqual([]);
    expect(codes(await suspend(desk, PLACE, { state: 'resumed', reason: REASON }, OWNER))).toEqual(['POLICY_NOT_NEWEST ']);
  }, 30_000);
});

describe('R65 a proposal to archive', () => {
  it('is made by a pipeline of the line, where the line names them', async () => {
    const requesters = [{ iss: ISSUER, sub: PIPELINE.principal.actor.sub }];
    await withLines(desk, { [STAGED]: (line) => ({ ...staged(line), requesters }) });
    const terms = { what: 'archive' as const, ...PLACE, from: await promoted(), reason: REASON };
    const other = identified('service', 'pipeline-of-cards', ['pipeline']);
    expect(codes(await proposeAct(desk, terms, other))).toEqual(['REQUESTER_NOT_LISTED /line']);
    expect(codes(await proposeAct(desk, terms, PIPELINE))).toEqual([]);
  }, 30_000);

  it('is still approved when the clock was put back meanwhile', async () => {
    await withLines(desk, { [STAGED]: staged });
    const terms = { what: 'archive' as const, ...PLACE, from: await promoted(), reason: REASON };
    const id = value(await proposeAct(desk, terms, DAVE));
    for (const person of [ALICE, BOB, CAROL, LEAD]) {
      desk.later(-3_600_000);
      expect(codes(await consented(id, person))).toEqual([]);
    }
    const file = await readAct(desk, id);
    if (file?.seal === undefined) throw new Error('not sealed');
    expect(flawOf(file.proposal, file.row.screen, file.consents)).toBeUndefined();
    expect(file.consents.every(({ at }) => at <= (file.decision?.at ?? ''))).toBe(true);
  }, 30_000);
});

describe('one proposal whose bytes are lost', () => {
  it('stops the sweep of nothing else: what is sealed is logged', async () => {
    await withLines(desk, { [STAGED]: staged });
    const terms = { what: 'archive' as const, ...PLACE, from: await promoted(), reason: REASON };
    const file = await readAct(desk, value(await proposeAct(desk, terms, DAVE)));
    await rm(join(desk.folder, 'vault', saidKey(file?.row.proposal as Digest)), { force: true });
    value(await suspend(desk, PLACE, { state: 'suspended', reason: REASON }, OWNER));
    expect(await desk.index.list('UNLOGGED')).not.toEqual([]);
    await expect(sweep(desk)).rejects.toThrow('lost');
    expect(await desk.index.list('UNLOGGED')).toEqual([]);
  }, 30_000);
});

describe('R65 the stage before', () => {
  it('is not passed by the same bytes under other names', async () => {
    await withLines(desk, { [STAGED]: staged });
    const event = await promoted();
    const { request } = await readPromotion(desk.vault, event);
    const active = await activeOf(desk.index);
    const line = (await desk.packs.load(active?.row.pack as Digest)).lines.get(STAGED) ?? null;
    const there = { ...request, environment: 'production' };
    expect(await predecessorOf(desk.vault, line, there, () => event)).toMatchObject({ event });
    const manifest = `sha256:${'0'.repeat(64)}` as Digest;
    const renamed = { ...there, model: { ...there.model, manifest } };
    expect(await predecessorOf(desk.vault, line, renamed, () => event)).toMatchObject({ event: null });
  }, 30_000);
});
