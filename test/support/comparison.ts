// Comparisons over the small line of business in request.ts: a retrain that differs in nothing unless a part says so.
import type { Baseline, Comparison } from '../../functions/compare/types.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type Digest, eventHashOf } from '../../functions/domain/digest.ts';
import { parsePredictions } from '../../functions/domain/measure/predictions.ts';
import { Profile } from '../../functions/domain/profile.ts';
import { invariant } from '../../functions/domain/result.ts';
import { Instant } from '../../functions/domain/text.ts';
import { type Built, LINE, type Parts, requestOf } from './request.ts';

const textBlob = (digest: Digest, blobs: ReadonlyMap<Digest, Uint8Array>): string =>
  new TextDecoder().decode(blobs.get(digest));

/** What an approved promotion left behind, as a comparison reads it back. */
export function baselineOf({ request, blobs }: Built, decidedAt = '2026-07-01T09:00:00.000Z'): Baseline {
  const [profileDigest = null] = request.profiles;
  const predictions = request.predictions && parsePredictions(blobs.get(request.predictions) ?? new Uint8Array());
  return {
    event: eventHashOf(canonicalBytes(request)),
    request,
    profileDigest,
    profile: profileDigest && Profile.parse(JSON.parse(textBlob(profileDigest, blobs))),
    predictions: predictions?.ok ? predictions.value : null,
    evaluationSlice: request.evaluationRegime.slice,
    environment: request.environment,
    decidedAt: Instant.parse(decidedAt),
  };
}

export type World = Partial<Pick<Comparison, 'line' | 'lastHumanApproved' | 'automatedSinceHuman' | 'standing'>> & {
  incumbent?: Baseline;
};

/** A candidate compared with the first promotion, which people approved; `parts` says what is different. */
export function comparisonOf(parts: Partial<Parts> = {}, world: World = {}): Comparison & { blobs: Map<Digest, Uint8Array> } {
  const incumbent = world.incumbent ?? baselineOf(requestOf());
  const lastHumanApproved = world.lastHumanApproved === undefined ? incumbent : world.lastHumanApproved;
  invariant(lastHumanApproved, 'the first version of a line is approved by people');
  const built = requestOf({ version: '2', baselines: { incumbent, lastHumanApproved }, ...parts });
  return { ...comparing(built, world), incumbent, lastHumanApproved };
}

/** A candidate with nothing to compare it with. */
export const firstComparison = (parts: Partial<Parts> = {}): Comparison & { blobs: Map<Digest, Uint8Array> } =>
  comparing(requestOf(parts), { automatedSinceHuman: null });

/** Of the pack as it is now, those that a comparison asks for. */
export const RULES: ReadonlySet<string> = new Set(['TRW-003']);

function comparing({ request, blobs }: Built, { line, automatedSinceHuman, standing = [] }: World) {
  return {
    request,
    blobs,
    line: line === undefined ? LINE : line,
    rules: RULES,
    receivedAt: Instant.parse('2026-07-11T08:00:00.000Z'),
    bytes: (digest: Digest) => blobs.get(digest),
    sizeOf: (digest: Digest) => blobs.get(digest)?.length,
    incumbent: null,
    lastHumanApproved: null,
    automatedSinceHuman: automatedSinceHuman === undefined ? 0 : automatedSinceHuman,
    standing,
  };
}
