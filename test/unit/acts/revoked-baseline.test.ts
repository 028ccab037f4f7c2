// The approval by people that automated promotions rest on is taken back: no policy goes on from there alone.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { auditLedgers } from '../../../functions/audit/ledger.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { readHead } from '../../../functions/store.ts';
import { deskOf, value } from '../../support/activation.ts';
import { consent, gate, LINE, ledger, OWNER, PLACE, propose, REASON } from '../../support/brakes.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { withLines } from '../../support/staged-line.ts';
import { ALICE, openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const manifest = async (step: string) => ({ ...(await manifestAt(`scenarios/11-many-small-steps/${step}.yaml`)), ...PLACE });
const revoked = async (event: EventHash, to: EventHash | null) =>
  value(
    await consent(
      world,
      value(await propose(world, { what: 'revocation', ...PLACE, event, to, reason: REASON }, ALICE)),
      OWNER,
    ),
  );
const headNow = async () => (await readHead(world.index, LINE, 'sandbox')).head;

it('R59 the version that runs stays, and the next one goes to people', async () => {
  await withLines(deskOf(world), { [LINE]: (line) => line });
  const v1 = (await promote(world, await manifest('1-v01'))).seal?.eventHash as EventHash;
  const v2 = (await promote(world, await manifest('2-v12'))).seal?.eventHash as EventHash;
  await revoked(v1, null);
  expect(await gate(world, v2)).toBe('allow OK');
  expect(await headNow()).toMatchObject({ incumbent: v2, lastHumanApproved: null, automatedSinceHuman: null });
  expect([(await ledger(world)).broken, await auditLedgers(world, [], world.clock.now())]).toEqual([null, []]);
  const third = await manifest('3-v13');
  // As a pipeline asks that read the baselines now: there is no version approved by people any more.
  const { scores } = third.population as { scores: Record<string, string> };
  Reflect.deleteProperty(scores, 'score_v01');
  const { request, blobs } = await built(world, third);
  await upload(world, blobs);
  const dossier = await dossierOf(world, await announce(world, request));
  expect([dossier.routing?.path, dossier.decision]).toEqual(['committee', undefined]);
}, 30_000);

it('R59 also when the version that rests on it is what replaces it', async () => {
  await withLines(deskOf(world), { [LINE]: (line) => line });
  const v1 = (await promote(world, await manifest('1-v01'))).seal?.eventHash as EventHash;
  const v2 = (await promote(world, await manifest('2-v12'))).seal?.eventHash as EventHash;
  const back = { what: 'rollback' as const, ...PLACE, from: v2, to: v1, reason: REASON };
  value(await consent(world, value(await propose(world, back, ALICE)), OWNER));
  await revoked(v1, v2);
  expect(await headNow()).toMatchObject({ incumbent: v2, lastHumanApproved: null, automatedSinceHuman: null });
}, 30_000);
