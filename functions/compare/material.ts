import type { Why } from '../domain/diff.ts';
import type { Digest } from '../domain/digest.ts';
import { type Predictions, parsePredictions } from '../domain/measure/predictions.ts';
import { parseBytes } from '../domain/parse.ts';
import { Profile } from '../domain/profile.ts';
import type { PromotionRequest } from '../domain/request.ts';
import type { Baseline, Comparison } from './types.ts';

export type SealedProfile = { readonly digest: Digest; readonly profile: Profile };

/** What the candidate brought, parsed once; a word says why something cannot be used. */
export type Material = { readonly profile: SealedProfile | Why; readonly predictions: Predictions | Why };

/** Profiles are larger than requests: up to 5 000 columns with 10 000 values each are counted, never rows. */
export const PROFILE_LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 16 };

export const scoringSlices = (request: PromotionRequest): Set<Digest> =>
  new Set(request.dataset.flatMap((slice) => (slice.role === 'scoring' ? [slice.digest] : [])));

/** The profile of the scoring slice: the one populations are compared by. Sorted, so that their order means nothing. */
export function scoringProfile(
  request: PromotionRequest,
  bytes: (digest: Digest) => Uint8Array | undefined,
): SealedProfile | Why {
  const slices = scoringSlices(request);
  let why: Why = 'profile-missing';
  for (const digest of [...request.profiles].sort()) {
    const content = bytes(digest);
    const parsed = content === undefined ? undefined : parseBytes(Profile, content, PROFILE_LIMITS);
    if (!parsed?.ok) why = 'profile-unreadable';
    else if (slices.has(parsed.value.slice)) return { digest, profile: parsed.value };
  }
  return why;
}

export function materialOf(c: Comparison): Material {
  return { profile: scoringProfile(c.request, c.bytes), predictions: predictionsOf(c) };
}

function predictionsOf(c: Comparison): Predictions | Why {
  if (c.request.predictions === undefined) return 'predictions-missing';
  const content = c.bytes(c.request.predictions);
  const parsed = content === undefined ? undefined : parsePredictions(content);
  return parsed?.ok ? parsed.value : 'predictions-unreadable';
}

export type Who = 'incumbent' | 'lastHumanApproved';

/**
 * The baseline's scores on the candidate's evaluation rows: as the pipeline scored them again, else as its own event sealed
 * them when it was evaluated on the very same slice.
 */
export function baselineScores(
  c: Comparison,
  predictions: Predictions,
  baseline: Baseline,
  who: Who,
): readonly number[] | 'scores-of-baseline-missing' {
  return predictions[who] ?? sealedScores(c, predictions, baseline) ?? 'scores-of-baseline-missing';
}

export function sealedScores(c: Comparison, predictions: Predictions, baseline: Baseline): readonly number[] | null {
  const sealed = baseline.predictions;
  if (sealed === null || baseline.evaluationSlice !== c.request.evaluationRegime.slice) return null;
  const byId = new Map(sealed.rowIds.map((id, row) => [id, sealed.candidate[row]]));
  const scores = predictions.rowIds.flatMap((id) => byId.get(id) ?? []);
  return scores.length === predictions.rowIds.length ? scores : null;
}
