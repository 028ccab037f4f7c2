// Takes real promotions of the example through the stages, without HTTP: what most tests start from.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuiltRequest, buildRequest } from '../../cli/build-request.ts';
import { type Manifest, parseManifest } from '../../cli/manifest.ts';
import { giveRationale } from '../../functions/approve/rationale.ts';
import { serveScreen } from '../../functions/approve/serve-screen.ts';
import { castVote } from '../../functions/approve/vote.ts';
import { readPromotion } from '../../functions/baseline.ts';
import type { Baselines } from '../../functions/domain/baselines.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { Digest } from '../../functions/domain/digest.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { Profile } from '../../functions/domain/profile.ts';
import type { PromotionRequest, RequestId } from '../../functions/domain/request.ts';
import type { Ballot } from '../../functions/domain/vote.ts';
import { storeBlob } from '../../functions/intake/blob.ts';
import { receive } from '../../functions/intake/intake.ts';
import type { Identified } from '../../functions/ports.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { readDossier, readHead, readJsonBlob } from '../../functions/store.ts';
import { ALICE, BOB, CAROL, DAVE, ERIN, PIPELINE, signedInNow, type TestWorld } from './world.ts';

export const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'german-credit');

export async function manifestAt(path: string): Promise<Manifest> {
  const parsed = parseManifest(await readFile(join(EXAMPLE, path), 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

export async function baselinesOf(world: TestWorld, line: string, environment: string): Promise<Baselines> {
  const { head } = await readHead(world.index, line, environment);
  const one = async (hash: typeof head.incumbent) => {
    if (hash === null) return null;
    const { request } = await readPromotion(world.vault, hash);
    const [digest] = request.profiles;
    const profile = digest === undefined ? null : { digest, body: await readJsonBlob(world.vault, digest, Profile) };
    return { event: hash, modelRoot: request.model.root, profile, terms: request.terms };
  };
  return {
    incumbent: await one(head.incumbent),
    lastHumanApproved: await one(head.lastHumanApproved),
  };
}

/** Builds the request of a manifest against the store as it stands. */
export async function built(world: TestWorld, manifest: Manifest, root = EXAMPLE): Promise<BuiltRequest> {
  const result = await buildRequest(
    root,
    manifest,
    await baselinesOf(world, manifest.line, manifest.environment),
    () => undefined,
  );
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

export async function upload(world: TestWorld, blobs: BuiltRequest['blobs']): Promise<void> {
  for (const [digest, blob] of blobs)
    await storeBlob(world.vault, digest, blob.kind === 'bytes' ? blob.bytes : await readFile(blob.path));
}

export async function announce(world: TestWorld, request: PromotionRequest, sender: Identified = PIPELINE): Promise<RequestId> {
  const accepted = await receive(world, canonicalBytes(request), sender);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.problems));
  await world.run();
  return accepted.value.id;
}

export async function dossierOf(world: TestWorld, id: RequestId): Promise<Dossier> {
  const dossier = await readDossier(world.index, id);
  if (!dossier) throw new Error(`no request ${id}`);
  return dossier;
}

export const WHY = {
  text: 'A scheduled retrain of the example, tried out in a test.',
  scope: 'sandbox',
  intendedUse: 'tests',
  limitations: 'small data',
};

export async function explain(world: TestWorld, id: RequestId, author: Identified = ERIN): Promise<void> {
  const given = await giveRationale(world, await dossierOf(world, id), WHY, author);
  if (!given.ok) throw new Error(JSON.stringify(given.problems));
  await world.run();
}

/** A ballot that ticks everything; `served` shows the screen first. */
export async function ballotFor(world: TestWorld, id: RequestId, choice: Ballot['choice'] = 'approve'): Promise<Ballot> {
  const dossier = await dossierOf(world, id);
  const { findings } = await readRouting(world, dossier);
  const codes = [...new Set(findings.map((finding) => finding.code))].sort();
  return {
    screen: dossier.screen?.screen as Digest,
    choice,
    criteria: codes.map((code) => ({ code, checked: true })),
    conditions: [],
    nonce: 'nonce-of-a-test-page',
  };
}

export async function vote(world: TestWorld, id: RequestId, voter: Identified, choice: Ballot['choice'] = 'approve') {
  await serveScreen(world, await dossierOf(world, id), voter);
  const dossier = await dossierOf(world, id);
  const cast = await castVote(
    world,
    dossier,
    await readRouting(world, dossier),
    await ballotFor(world, id, choice),
    signedInNow(world, voter),
  );
  await world.run();
  return cast;
}

/** Announces a manifest and takes it to its end: people approve wherever they are asked. */
export async function promote(world: TestWorld, manifest: Manifest, root = EXAMPLE): Promise<Dossier> {
  const { request, blobs } = await built(world, manifest, root);
  await upload(world, blobs);
  const id = await announce(world, request);
  let dossier = await dossierOf(world, id);
  if (dossier.routing !== undefined && dossier.routing.path !== 'automated' && dossier.decision === undefined) {
    await explain(world, id);
    const voters = dossier.routing.path === 'reviewer' ? [DAVE] : [ALICE, BOB, CAROL];
    for (const voter of voters) await vote(world, id, voter);
    dossier = await dossierOf(world, id);
  }
  return dossier;
}
