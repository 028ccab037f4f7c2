import { z } from 'zod';
import { MAX_IMAGE, MAX_TOGETHER } from '../approve/screen/explanation.ts';
import { renderScreen } from '../approve/screen/screen.ts';
import type { Contribution, Baseline as ShownBaseline } from '../approve/screen/view.ts';
import type { SealedPromotion } from '../baseline.ts';
import type { ApprovalRequest } from '../domain/approval-request.ts';
import type { Diff } from '../domain/diff.ts';
import type { Digest } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { PromotionRequest } from '../domain/request.ts';
import { invariant } from '../domain/result.ts';
import { keys } from '../domain/rows.ts';
import { blobKey } from '../domain/vault-keys.ts';
import type { DriveWorld } from '../packs.ts';
import { nowFor, readBlob, readJsonBlob, storeBytes, storeJson } from '../store.ts';
import { daysAfter } from './expire.ts';
import { materialOf, metricsOf } from './material.ts';
import { readRouting } from './route.ts';

/** Freezes what will be looked at: approval request, then screen, both in the vault before anybody is asked (R6). */
export async function renderStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { request: row, comparison: compared, routing: routed } = dossier;
  invariant(compared !== undefined && routed !== undefined, 'compared and routed before shown');
  const material = await materialOf(world, dossier);
  const { request, line } = material.comparison;
  const routing = await readRouting(world, dossier);
  const pack = await world.packs.load(row.pack);
  const storedAt = nowFor(world.clock, dossier);
  const forPeople = routed.path !== 'automated' || routing.groups.length > 0;
  const approvalRequest: ApprovalRequest = {
    schema: 'approval-request/v0',
    id: row.id,
    request: row.payload,
    diff: compared.diff,
    routing: routed.routing,
    rationale: dossier.rationale ?? null,
    expiresAt: forPeople ? daysAfter(storedAt, routing.expiresAfterDays) : null,
  };
  const screen = renderScreen({
    requestId: row.id,
    approvalRequest,
    request,
    diff: (await readJsonBlob(world.vault, compared.diff, z.unknown())) as Diff,
    routing,
    rulebook: Object.fromEntries(pack.rules),
    line,
    metrics: metricsOf(material),
    receivedAt: row.receivedAt,
    routedAt: routed.routedAt,
    requester: row.requester.actor,
    images: await imagesOf(world, request),
    incumbent: shown(material.incumbent),
    lastHumanApproved: shown(material.lastHumanApproved),
  });
  const body = {
    approvalRequest: await storeJson(world.vault, approvalRequest),
    screen: await storeBytes(world.vault, screen),
    storedAt,
    expiresAt: approvalRequest.expiresAt,
  };
  await world.index.commit([{ kind: 'fact', key: keys.fact(row.id, 'screen'), body }]);
}

async function imagesOf(world: DriveWorld, request: PromotionRequest): Promise<Map<Digest, Uint8Array>> {
  const pictures = request.explanation
    .flatMap(({ artefacts }) => artefacts)
    .filter(({ mediaType }) => mediaType.startsWith('image/'));
  const images = new Map<Digest, Uint8Array>();
  let together = 0;
  // One after the other and only what a page may hold: a request may name one large picture thousands of times.
  for (const digest of new Set(pictures.map((picture) => picture.digest))) {
    const size = (await world.vault.size(blobKey(digest))) ?? 0;
    if (size > MAX_IMAGE || together + size > MAX_TOGETHER) continue;
    together += size;
    images.set(digest, await readBlob(world.vault, digest));
  }
  return images;
}

function shown(sealed: SealedPromotion | null): ShownBaseline | null {
  if (sealed === null) return null;
  const { model, explanation } = sealed.request;
  const contributions: readonly Contribution[] | undefined = explanation.find(({ summary }) => summary !== undefined)?.summary;
  return { event: sealed.hash, model: model.name, version: model.version, ...(contributions ? { contributions } : {}) };
}
