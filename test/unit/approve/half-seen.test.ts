// DynamoDB answers a query while a transaction becomes visible row by row. Whoever has read the moved open row may then list votes
// without the one that moved it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decide } from '../../../functions/approve/decide.ts';
import { serveScreen } from '../../../functions/approve/serve-screen.ts';
import { castVote } from '../../../functions/approve/vote.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { readRouting } from '../../../functions/steps/route.ts';
import { announce, ballotFor, built, dossierOf, explain, manifestAt, upload } from '../../support/promote.ts';
import { ALICE, openWorld, PIPELINE, signedInNow, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
let id: RequestId;
beforeAll(async () => {
  world = await openWorld();
  const { request, blobs } = await built(world, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  await upload(world, blobs);
  id = await announce(world, request, PIPELINE);
  await explain(world, id);
});
afterAll(() => world.close());

it('R13 a vote that is counted and not listed yet is waited for, and never left out of the decision', async () => {
  const before = await dossierOf(world, id);
  await serveScreen(world, before, ALICE);
  const dossier = await dossierOf(world, id);
  const voter = signedInNow(world, ALICE);
  const cast = await castVote(world, dossier, await readRouting(world, dossier), await ballotFor(world, id), voter);
  expect(cast.ok).toBe(true);

  const list: TestWorld['index']['list'] = async (pk, prefix) =>
    (await world.index.list(pk, prefix)).filter(({ key }) => !key.sk.startsWith('vote#'));
  const half = { get: world.index.get.bind(world.index), list, commit: world.index.commit.bind(world.index) };
  const verdict = { outcome: 'expired' as const, reasons: [] };
  expect(await decide({ ...world, index: half }, dossier, verdict)).toBe(false);
  expect((await dossierOf(world, id)).decision).toBeUndefined();

  // As soon as it is seen, the decision is made with it.
  expect(await decide(world, await dossierOf(world, id), verdict)).toBe(true);
  expect((await dossierOf(world, id)).decision?.votes).toHaveLength(1);
});
