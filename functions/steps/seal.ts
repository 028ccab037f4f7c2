import { z } from 'zod';
import type { Dossier } from '../domain/dossier.ts';
import { InfrastructureError } from '../domain/errors.ts';
import type { Promotion } from '../domain/event/statement.ts';
import { sealedMetrics } from '../domain/measure/recompute.ts';
import { invariant } from '../domain/result.ts';
import type { DriveWorld } from '../packs.ts';
import { promotionOf } from '../seal/promotion.ts';
import { sealPromotion } from '../seal/seal.ts';
import { readJsonBlob } from '../store.ts';
import { disagreement } from './approve.ts';
import { materialOf, metricsOf } from './material.ts';
import { readRouting } from './route.ts';
import { readVotes } from './votes.ts';

export async function sealStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  if (world.sealer !== undefined) return world.sealer.seal(dossier.request.id);
  await sealPromotion(world, dossier, await promotionFrom(world, dossier), dossier.routing?.path ?? null);
}

/** What is sealed of a decided request: the same for as long as its rows stand. */
export async function promotionFrom(world: DriveWorld, dossier: Dossier): Promise<Promotion> {
  const { decision, comparison: compared, routing: routed } = dossier;
  invariant(decision !== undefined, 'decided before sealed');
  const material = await materialOf(world, dossier);
  const wrong = decision.outcome === 'approved' ? await disagreement(world, dossier, material) : undefined;
  if (wrong !== undefined) {
    throw new InfrastructureError(`${wrong} of ${dossier.request.id} does not follow from the vault; it is not sealed`, {
      retryable: false,
    });
  }
  return promotionOf({
    dossier,
    request: material.comparison.request,
    line: material.comparison.line,
    diff: compared === undefined ? null : await readJsonBlob(world.vault, compared.diff, z.unknown()),
    routing: routed === undefined ? null : await readRouting(world, dossier),
    // What was refused or given up is sealed as stated: a recomputation that contradicts it is the reason, not the record.
    metrics: decision.outcome === 'approved' ? metricsOf(material) : sealedMetrics(material.comparison.request, null, null),
    votes: await readVotes(world, dossier, decision.votes),
  });
}
