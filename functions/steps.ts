// The steps of drive.ts: each reads frozen rows, calls its stage, and writes one new fact. Vault before index, always; a fact
// that is already there is another turn's, and stands.
import { z } from 'zod';
import { wasActivated } from './activation.ts';
import { decide } from './approve/decide.ts';
import { MAX_IMAGE, MAX_TOGETHER } from './approve/screen/explanation.ts';
import { renderScreen } from './approve/screen/screen.ts';
import type { Contribution, Baseline as ShownBaseline } from './approve/screen/view.ts';
import { tally } from './approve/tally.ts';
import { readPromotion, type SealedPromotion } from './baseline.ts';
import { contradictionsOf } from './compare/contradictions.ts';
import { diffOf } from './compare/diff.ts';
import { type BaselineRef, loadComparison } from './compare/load.ts';
import type { Comparison } from './compare/types.ts';
import type { ApprovalRequest } from './domain/approval-request.ts';
import { canonicalDigest } from './domain/canonical.ts';
import type { Diff } from './domain/diff.ts';
import { type Digest, digestOf, type EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { isAbsent } from './domain/event/statement.ts';
import { stateOf, waitsForPeople } from './domain/flow.ts';
import { parsePredictions } from './domain/measure/predictions.ts';
import { sealedMetrics } from './domain/measure/recompute.ts';
import type { Metric } from './domain/metric.ts';
import { parseBytes } from './domain/parse.ts';
import { PromotionRequest } from './domain/request.ts';
import { invariant } from './domain/result.ts';
import { Routing } from './domain/routing.ts';
import { type Dossier, factsOf, keys, type RequestRow } from './domain/rows.ts';
import { epochDay, type Instant, instantOf } from './domain/text.ts';
import { blobKey, voteObjectKey } from './domain/vault-keys.ts';
import { Vote, voteKeyOf } from './domain/vote.ts';
import { countedSinceHuman } from './lineage.ts';
import type { DriveWorld } from './packs.ts';
import { lineOf } from './route/pack.ts';
import { route, routeUnactivated } from './route/route.ts';
import { promotionOf } from './seal/promotion.ts';
import { sealPromotion } from './seal/seal.ts';
import { readStanding } from './standing.ts';
import { readBlob, readDossier, readJsonBlob, storeBytes, storeJson } from './store.ts';

const MS_PER_DAY = 86_400_000;

type Material = { comparison: Comparison; incumbent: SealedPromotion | null; lastHumanApproved: SealedPromotion | null };

/** What the comparison looks at, read again from the vault each time: a step trusts no memory of an earlier one. */
async function materialOf(world: DriveWorld, dossier: Dossier): Promise<Material> {
  const { request: row } = dossier;
  const request = await readJsonBlob(world.vault, row.payload, PromotionRequest);
  const pack = await world.packs.load(row.pack);
  const sealed = async (hash: EventHash | null) => (hash === null ? null : readPromotion(world.vault, hash));
  const incumbent = await sealed(row.comparedWith.incumbent);
  const lastHumanApproved = await sealed(row.comparedWith.lastHumanApproved);
  const comparison = await loadComparison(world, {
    request,
    line: lineOf(pack, row.line),
    receivedAt: row.receivedAt,
    incumbent: refOf(incumbent),
    lastHumanApproved: refOf(lastHumanApproved),
    automatedSinceHuman: await countedSinceHuman(world, { ...row, ...row.comparedWith }),
    standing: await readStanding(world.vault, row.standing ?? []),
  });
  return { comparison, incumbent, lastHumanApproved };
}

export function refOf(sealed: SealedPromotion | null): BaselineRef | null {
  if (sealed === null) return null;
  const { hash, promotion } = sealed;
  invariant(!isAbsent(promotion.request), 'an approved promotion has its request');
  return { event: hash, payload: promotion.request.payload, decidedAt: promotion.times.decidedAt };
}

export async function compareStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { comparison } = await materialOf(world, dossier);
  await endSuperseded(world, dossier, comparison.request);
  const problems = contradictionsOf(comparison);
  if (problems.length > 0) return void (await decide(world, dossier, { outcome: 'refused', reasons: problems }));
  const diff = await storeJson(world.vault, diffOf(comparison));
  const body = { diff, comparedAt: world.clock.now() };
  await world.index.commit([{ kind: 'fact', key: keys.fact(dossier.request.id, 'comparison'), body }]);
}

/** A request that names an older one ends it, if people are still being asked; its votes stay in its own record. */
async function endSuperseded(world: DriveWorld, dossier: Dossier, request: PromotionRequest): Promise<void> {
  if (request.supersedes === undefined) return;
  const older = await readDossier(world.index, request.supersedes);
  // Whose it was and for which head was checked at intake.
  if (older === undefined || !waitsForPeople(stateOf(factsOf(older)))) return;
  const reason = { code: 'NOT_WAITING' as const, pointer: '', detail: `superseded by ${dossier.request.id}` };
  const ended = await decide(world, older, { outcome: 'superseded', reasons: [reason] });
  world.workflow.wake(older.request.id);
  // A vote came in between: it belongs into the record, or has ended the older one itself.
  if (!ended) await endSuperseded(world, dossier, request);
}

export async function routeStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { request, comparison } = dossier;
  invariant(comparison !== undefined, 'compared before routed');
  const diff = (await readJsonBlob(world.vault, comparison.diff, z.unknown())) as Diff;
  const routing = await routingOf(world, request, diff);
  const body = { routing: await storeJson(world.vault, routing), path: routing.path, routedAt: world.clock.now() };
  await world.index.commit([{ kind: 'fact', key: keys.fact(request.id, 'routing'), body }]);
  world.shadow?.observe(request.id, routing.input, routing);
}

/** Only a sealed activation makes a pack policy: a row that names another one gets a committee, never an automated path. */
async function routingOf(world: DriveWorld, request: RequestRow, diff: Diff): Promise<Routing> {
  const pack = await world.packs.load(request.pack);
  const facts = { diff, line: request.line, environment: request.environment, evaluatedAtDay: epochDay(request.receivedAt) };
  return (await wasActivated(world, request.pack)) ? route(pack, facts) : routeUnactivated(pack, facts);
}

export async function readRouting(world: DriveWorld, dossier: Dossier): Promise<Routing> {
  invariant(dossier.routing !== undefined, 'routed');
  return readJsonBlob(world.vault, dossier.routing.routing, Routing);
}

/** Freezes what will be looked at: approval request, then screen, both in the vault before anybody is asked (R6). */
export async function renderStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { request: row, comparison: compared, routing: routed } = dossier;
  invariant(compared !== undefined && routed !== undefined, 'compared and routed before shown');
  const material = await materialOf(world, dossier);
  const { request, line } = material.comparison;
  const routing = await readRouting(world, dossier);
  const pack = await world.packs.load(row.pack);
  const storedAt = world.clock.now();
  const forPeople = routed.path !== 'automated';
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

const daysAfter = (instant: Instant, days: number): Instant => instantOf(Date.parse(instant) + days * MS_PER_DAY);

function metricsOf({ comparison, incumbent }: Material): Metric[] {
  const { request } = comparison;
  const bytes = request.predictions === undefined ? undefined : comparison.bytes(request.predictions);
  const parsed = bytes === undefined ? undefined : parsePredictions(bytes);
  return sealedMetrics(request, parsed?.ok ? parsed.value : null, incumbent?.request.decisionRule ?? null);
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

/** A request nobody explains does not hold back its line for ever: it ends when the time of its path is over. */
export async function expireUnexplained(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  invariant(dossier.routing !== undefined, 'routed before it waits');
  const { expiresAfterDays } = await readRouting(world, dossier);
  if (world.clock.now() < daysAfter(dossier.routing.routedAt, expiresAfterDays)) return false;
  await decide(world, dossier, { outcome: 'expired', reasons: [] });
  return true;
}

/** Counts what is there; false when it still waits. */
export async function tallyStep(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  const routing = await readRouting(world, dossier);
  const votes = await readVotes(
    world,
    dossier,
    dossier.votes.map((row) => row.voteKey),
  );
  const result = tally(
    routing,
    votes.map(({ vote }) => vote),
    dossier.screen?.expiresAt ?? null,
    world.clock.now(),
  );
  if (result.kind === 'waiting') return false;
  if (result.outcome === 'approved') await approveStep(world, dossier);
  else await decide(world, dossier, { outcome: result.outcome, reasons: [] });
  return true;
}

export async function readVotes(
  world: DriveWorld,
  dossier: Dossier,
  voteKeys: readonly string[],
): Promise<{ vote: Vote; digest: Digest }[]> {
  return Promise.all(
    voteKeys.map(async (voteKey) => {
      const bytes = await world.vault.get(voteObjectKey(voteKey));
      const parsed = bytes === undefined ? undefined : parseBytes(Vote, bytes);
      const digest = bytes === undefined ? undefined : digestOf(bytes);
      const row = dossier.votes.find((candidate) => candidate.voteKey === voteKey);
      invariant(
        parsed?.ok && digest === row?.vote && digest !== undefined,
        `the vote ${voteKey} is in the vault as its row says`,
      );
      invariant(voteKeyOf(dossier.request.id, parsed.value.actor) === voteKey, `the vote ${voteKey} is its voter's`);
      return { vote: parsed.value, digest };
    }),
  );
}

/**
 * The index is a cache and its rows could have been edited; what is approved is computed once more from the vault: diff,
 * routing and count of votes. Answers what does not follow, before the head is reserved and again before the seal.
 */
async function disagreement(world: DriveWorld, dossier: Dossier, { comparison }: Material): Promise<string | undefined> {
  const { request, comparison: compared, routing: routed } = dossier;
  const diff = diffOf(comparison);
  const routing = await routingOf(world, request, diff);
  if (compared?.diff !== canonicalDigest(diff)) return 'the comparison';
  if (routed?.routing !== canonicalDigest(routing) || routed.path !== routing.path) return 'the routing';
  if (contradictionsOf(comparison).length > 0) return 'the evidence';
  const voteKeys = dossier.decision?.votes ?? dossier.votes.map((row) => row.voteKey);
  if (routing.path === 'automated') return voteKeys.length === 0 ? undefined : 'a vote on the automated path';
  const votes = (await readVotes(world, dossier, voteKeys)).map(({ vote }) => vote);
  const counted = tally(routing, votes, dossier.screen?.expiresAt ?? null, dossier.decision?.decidedAt ?? world.clock.now());
  return counted.kind === 'decided' && counted.outcome === 'approved' ? undefined : 'the count of votes';
}

/** Approves, unless the rows do not follow from the vault: then the request is refused, and its line stays free. */
export async function approveStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const wrong = await disagreement(world, dossier, await materialOf(world, dossier));
  if (wrong === undefined) return void (await decide(world, dossier, { outcome: 'approved', reasons: [] }));
  const reason = { code: 'EVIDENCE_CHANGED' as const, pointer: '', detail: `${wrong} does not follow from the vault` };
  await decide(world, dossier, { outcome: 'refused', reasons: [reason] });
}

export async function sealStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const { decision, comparison: compared, routing: routed } = dossier;
  invariant(decision !== undefined, 'decided before sealed');
  const material = await materialOf(world, dossier);
  const wrong = decision.outcome === 'approved' ? await disagreement(world, dossier, material) : undefined;
  if (wrong !== undefined) {
    throw new InfrastructureError(`${wrong} of ${dossier.request.id} does not follow from the vault; it is not sealed`, {
      retryable: false,
    });
  }
  const predicate = promotionOf({
    dossier,
    request: material.comparison.request,
    line: material.comparison.line,
    diff: compared === undefined ? null : await readJsonBlob(world.vault, compared.diff, z.unknown()),
    routing: routed === undefined ? null : await readRouting(world, dossier),
    // What was refused or given up is sealed as stated: a recomputation that contradicts it is the reason, not the record.
    metrics: decision.outcome === 'approved' ? metricsOf(material) : sealedMetrics(material.comparison.request, null, null),
    votes: await readVotes(world, dossier, decision.votes),
  });
  await sealPromotion(world, dossier, predicate, routed?.path ?? null);
}
