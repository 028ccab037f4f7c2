// Requests of the example put on one line, so that they want the same head.
import { serveScreen } from '../../functions/approve/serve-screen.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import type { PromotionRequest, RequestId } from '../../functions/domain/request.ts';
import { receive } from '../../functions/intake/intake.ts';
import type { Identified } from '../../functions/ports.ts';
import { built, dossierOf, explain, manifestAt, upload } from './promote.ts';
import { PIPELINE, type TestWorld } from './world.ts';

export const LINE_01 = 'german-credit-01-in-band-retrain';

/** A manifest of any scenario, on the first scenario's line. `run` tells apart what is otherwise the same request. */
export async function manifestOf(path: string, run?: string) {
  const manifest = await manifestAt(`scenarios/${path}`);
  const pipelineRun = run === undefined ? manifest.pipelineRun : { ...manifest.pipelineRun, id: run };
  return { ...manifest, line: LINE_01, pipelineRun };
}

/** Received, and nothing more: nobody has driven it yet. */
export async function announced(
  world: TestWorld,
  path: string,
  run: string,
  supersedes?: RequestId,
  change: (request: PromotionRequest) => void = () => undefined,
): Promise<RequestId> {
  const { request, blobs } = await built(world, await manifestOf(path, run));
  change(request);
  await upload(world, blobs);
  const body = canonicalBytes(supersedes === undefined ? request : { ...request, supersedes });
  const accepted = await receive(world, body, PIPELINE);
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.problems));
  return accepted.value.id;
}

/** Announced and explained: people are being asked. */
export async function asking(world: TestWorld, path: string, run = 'asking'): Promise<RequestId> {
  const id = await announced(world, path, run);
  await world.run();
  await explain(world, id);
  return id;
}

export async function shownTo(world: TestWorld, id: RequestId, person: Identified): Promise<void> {
  const shown = await serveScreen(world, await dossierOf(world, id), person);
  if (!shown.ok) throw new Error(JSON.stringify(shown.problems));
}
