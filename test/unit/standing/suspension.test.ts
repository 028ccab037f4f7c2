import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestId } from '../../../functions/domain/request.ts';
import { standingHashes, standingOf } from '../../../functions/standing.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { suspend } from '../../../functions/suspend.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { codesOf, OLIVIA, PLACE, REASON, STEPS, said, say } from '../../support/standing.ts';
import { DAVE, identified, openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
  await promote(world, await manifestAt(STEPS[0] ?? ''));
});
afterEach(() => world.close());

const next = () => manifestAt(STEPS[1] ?? '');
const stands = async () => standingHashes(await standingOf(world, PLACE.line, PLACE.environment));

/** Announced, and not driven at all: what the suspension meets in flight. */
async function announced(): Promise<{ id: RequestId; go: () => Promise<void> }> {
  const { request, blobs } = await built(world, await next());
  await upload(world, blobs);
  const { run } = world;
  Object.assign(world, { run: async () => undefined });
  const id = await announce(world, request);
  return { id, go: run };
}

describe('R33 the owner of record stops the automated path at once', () => {
  it('every promotion goes to a reviewer at least while it stands, and to the policy again when resumed', async () => {
    const suspended = await said(world, 'suspended');
    expect(await stands()).toEqual([suspended]);
    const looked = await built(world, await next());
    await upload(world, looked.blobs);
    const id = await announce(world, looked.request);
    const routing = await readRouting(world, await dossierOf(world, id));
    expect([routing.path, routing.findings.map(({ code }) => code)]).toEqual(['reviewer', ['HIS-008']]);
    expect(routing.obligations.map(({ code }) => code)).toEqual(['OBL-001', 'OBL-003', 'OBL-005', 'OBL-007']);

    await said(world, 'resumed');
    expect(await stands()).toEqual([]);
    const again = { ...looked.request, supersedes: id };
    const { routing: free, decision } = await dossierOf(world, await announce(world, again));
    expect([free?.path, decision?.outcome]).toEqual(['automated', 'approved']);
  });

  it('one in flight is not approved after it', async () => {
    const { id, go } = await announced();
    await said(world, 'suspended');
    await go();
    const { routing, decision } = await dossierOf(world, id);
    expect([routing?.path, decision?.outcome]).toEqual(['automated', 'stale']);
    expect(decision?.reasons.map(({ code }) => code)).toEqual(['STANDING_MOVED']);
  });

  it('one that comes between the look and the decision makes the decision look again', async () => {
    const { id, go } = await announced();
    const { index } = world;
    let came = 0;
    const racing: typeof index = {
      get: (key) => index.get(key),
      list: (pk, prefix) => index.list(pk, prefix),
      commit: async (writes) => {
        if (writes.some(({ key }) => key.sk === 'decision') && came++ === 0) await said(world, 'suspended');
        return index.commit(writes);
      },
    };
    Object.assign(world, { index: racing });
    await go();
    expect(came).toBeGreaterThan(1);
    expect((await dossierOf(world, id)).decision?.outcome).toBe('stale');
  });

  it('what was decided before it is sealed: a suspension does not take back', async () => {
    const { decision, seal } = await promote(world, await next());
    await said(world, 'suspended');
    expect([decision?.outcome, seal?.eventHash]).toEqual(['approved', expect.any(String)]);
  });
});

describe('R33 who may, and how often', () => {
  it.each([
    ['a reviewer', DAVE, 'NOT_YOURS'],
    ['the owner of another line', identified('person', 'person-x', ['owner-of-record@model-owner-2']), 'NOT_YOURS'],
    ['a service with the role', identified('service', 'bot', ['owner-of-record@model-owner-1']), 'PERSON_ONLY'],
    ['a pipeline', PIPELINE, 'PERSON_ONLY'],
  ])('%s does not', async (_, who, code) => {
    expect(codesOf(await say(world, 'suspended', who))).toEqual([code]);
    expect(await stands()).toEqual([]);
  });

  it('the very identity that the register names needs no role', async () => {
    const { principal } = identified('person', 'model-owner-1');
    const actor = { ...principal.actor, iss: 'urn:countersign:register' };
    expect(await say(world, 'suspended', { ...OLIVIA, principal: { ...principal, actor } })).toMatchObject({ ok: true });
  });

  it('the same words again are the same record; other words are told that the first stand', async () => {
    const first = await said(world, 'suspended');
    expect(await said(world, 'suspended')).toBe(first);
    expect(codesOf(await say(world, 'suspended', OLIVIA, 'Some other reason for it'))).toEqual(['OTHER_ANSWER_STORED']);
    const resumed = await said(world, 'resumed');
    expect(new Set([first, resumed, await said(world, 'suspended')]).size).toBe(3);
  });

  it('two at once: one record, and one of two reasons', async () => {
    const both = await Promise.all([say(world, 'suspended'), say(world, 'suspended', OLIVIA, 'Another reason altogether')]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await stands()).toHaveLength(1);
  });

  it.each([
    ['resumed without being suspended', PLACE, 'resumed', 'NOT_WAITING /state'],
    ['of a line nobody registered', { line: 'elsewhere', environment: 'sandbox' }, 'suspended', 'NOT_FOUND'],
    ['in an environment of another', { ...PLACE, environment: 'elsewhere' }, 'suspended', 'NOT_FOUND'],
  ] as const)('%s: refused', async (_, place, state, code) => {
    expect(codesOf(await suspend(world, place, { state, reason: REASON }, OLIVIA))).toEqual([code]);
  });
});
