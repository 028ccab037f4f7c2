// What the steps read again from the vault each time: none of them trusts a memory of an earlier one.
import { readPromotion, type SealedPromotion } from '../baseline.ts';
import { type BaselineRef, loadComparison } from '../compare/load.ts';
import type { Comparison } from '../compare/types.ts';
import type { EventHash } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import { isAbsent } from '../domain/event/statement.ts';
import { parsePredictions } from '../domain/measure/predictions.ts';
import { sealedMetrics } from '../domain/measure/recompute.ts';
import type { Metric } from '../domain/metric.ts';
import { PromotionRequest } from '../domain/request.ts';
import { invariant } from '../domain/result.ts';
import { countedSinceHuman } from '../lineage.ts';
import type { DriveWorld } from '../packs.ts';
import { namedIn, predecessorOf } from '../predecessor.ts';
import { lineOf } from '../route/pack.ts';
import { readStanding } from '../standing.ts';
import { readJsonBlob } from '../store.ts';

export type Material = { comparison: Comparison; incumbent: SealedPromotion | null; lastHumanApproved: SealedPromotion | null };

/** What the comparison looks at, read again from the vault each time: a step trusts no memory of an earlier one. */
export async function materialOf(world: DriveWorld, dossier: Dossier): Promise<Material> {
  const { request: row } = dossier;
  const request = await readJsonBlob(world.vault, row.payload, PromotionRequest);
  const pack = await world.packs.load(row.pack);
  const sealed = async (hash: EventHash | null) => (hash === null ? null : readPromotion(world.vault, hash));
  const incumbent = await sealed(row.comparedWith.incumbent);
  const lastHumanApproved = await sealed(row.comparedWith.lastHumanApproved);
  const comparison = await loadComparison(world, {
    request,
    line: lineOf(pack, row.line),
    rules: pack.rules,
    receivedAt: row.receivedAt,
    incumbent: refOf(incumbent),
    lastHumanApproved: refOf(lastHumanApproved),
    automatedSinceHuman: await countedSinceHuman(world, { ...row, ...row.comparedWith }),
    standing: await readStanding(world.vault, row.standing ?? []),
    predecessor: await predecessorOf(world.vault, lineOf(pack, row.line), request, namedIn(row.approvedIn ?? [])),
  });
  return { comparison, incumbent, lastHumanApproved };
}

export function refOf(sealed: SealedPromotion | null): BaselineRef | null {
  if (sealed === null) return null;
  const { hash, promotion } = sealed;
  invariant(!isAbsent(promotion.request), 'an approved promotion has its request');
  return { event: hash, payload: promotion.request.payload, decidedAt: promotion.times.decidedAt };
}

export function metricsOf({ comparison, incumbent }: Material): Metric[] {
  const { request } = comparison;
  const bytes = request.predictions === undefined ? undefined : comparison.bytes(request.predictions);
  const parsed = bytes === undefined ? undefined : parsePredictions(bytes);
  return sealedMetrics(request, parsed?.ok ? parsed.value : null, incumbent?.request.decisionRule ?? null);
}
