import { decide } from '../approve/decide.ts';
import { tally } from '../approve/tally.ts';
import { contradictionsOf } from '../compare/contradictions.ts';
import { diffOf } from '../compare/diff.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { DriveWorld } from '../packs.ts';
import { nowFor } from '../store.ts';
import { reusedExplanations } from './explanations.ts';
import { type Material, materialOf } from './material.ts';
import { routingOf } from './route.ts';
import { reusedVersion } from './versions.ts';
import { readVotes } from './votes.ts';

/**
 * The index is a cache and its rows could have been edited; what is approved is computed once more from the vault: diff,
 * routing and count of votes. Answers what does not follow, before the head is reserved and again before the seal.
 */
export async function disagreement(world: DriveWorld, dossier: Dossier, { comparison }: Material): Promise<string | undefined> {
  const { request, comparison: compared, routing: routed } = dossier;
  const diff = diffOf(comparison);
  const routing = await routingOf(world, request, diff);
  if (compared?.diff !== canonicalDigest(diff)) return 'the comparison';
  if (routed?.routing !== canonicalDigest(routing) || routed.path !== routing.path) return 'the routing';
  if (contradictionsOf(comparison).length > 0) return 'the evidence';
  const voteKeys = dossier.decision?.votes ?? dossier.votes.map((row) => row.voteKey);
  if (routing.path === 'automated' && routing.groups.length === 0)
    return voteKeys.length === 0 ? undefined : 'a vote on the automated path';
  const votes = (await readVotes(world, dossier, voteKeys)).map(({ vote }) => vote);
  const counted = tally(
    routing,
    votes,
    dossier.screen?.expiresAt ?? null,
    dossier.decision?.decidedAt ?? nowFor(world.clock, dossier),
  );
  return counted.kind === 'decided' && counted.outcome === 'approved' ? undefined : 'the count of votes';
}

/** Approves, unless the rows do not follow from the vault: then the request is refused, and its line stays free. */
export async function approveStep(world: DriveWorld, dossier: Dossier): Promise<void> {
  const material = await materialOf(world, dossier);
  // Again, as another environment of the line may have sealed them while people judged.
  const explained = dossier.routing?.path === 'automated' ? [] : await reusedExplanations(world, dossier);
  const reused = [...(await reusedVersion(world, material.comparison.request)), ...explained];
  if (reused.length > 0) return void (await decide(world, dossier, { outcome: 'refused', reasons: reused }));
  const wrong = await disagreement(world, dossier, material);
  if (wrong === undefined) return void (await decide(world, dossier, { outcome: 'approved', reasons: [] }));
  const reason = { code: 'EVIDENCE_CHANGED' as const, pointer: '', detail: `${wrong} does not follow from the vault` };
  await decide(world, dossier, { outcome: 'refused', reasons: [reason] });
}
