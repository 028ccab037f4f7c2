// A version of a high-tier line that is proposed to end, with everybody's approval but the governance lead's.
import { consentToAct, proposeAct, serveAct } from '../../functions/acts/acts.ts';
import { readAct } from '../../functions/acts/seal.ts';
import type { Digest, EventHash } from '../../functions/domain/digest.ts';
import type { Identified } from '../../functions/ports.ts';
import { deskOf, value } from './activation.ts';
import { openFaultWorld } from './faults-world.ts';
import { announce, built, dossierOf, explain, manifestAt, upload, vote } from './promote.ts';
import { LEAD, STAGED, staged, withLines } from './staged-line.ts';
import { ALICE, BOB, CAROL, DAVE, type TestWorld } from './world.ts';

export const consent = async (world: TestWorld, id: Digest, person: Identified) =>
  consentToAct(world, id, (await readAct(world, id))?.row.screen, person);

/** An active version, proposed to end, and everybody's approval but the last. */
export async function proposed() {
  const world = await openFaultWorld();
  return { world, ...(await proposedIn(world)) };
}

export async function proposedIn(world: TestWorld) {
  await withLines(deskOf(world), { [STAGED]: staged });
  const manifest = await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml');
  const { request, blobs } = await built(world, { ...manifest, line: STAGED, environment: 'staging' });
  await upload(world, blobs);
  const request_ = await announce(world, request);
  await explain(world, request_);
  for (const voter of [ALICE, BOB, CAROL, LEAD]) await vote(world, request_, voter);
  const from = (await dossierOf(world, request_)).seal?.eventHash as EventHash;
  const reason = 'The product this model decides for is closed.';
  const id = value(await proposeAct(world, { what: 'archive', line: STAGED, environment: 'staging', from, reason }, DAVE));
  for (const person of [ALICE, BOB, CAROL, LEAD]) await serveAct(world, id, person);
  for (const person of [ALICE, BOB, CAROL]) value(await consent(world, id, person));
  return { id, from };
}
