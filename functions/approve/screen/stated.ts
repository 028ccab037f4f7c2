import type { Diff } from '../../domain/diff.ts';
import type { PromotionRequest } from '../../domain/request.ts';

// What Countersign computed, and on whose word the numbers before it stand. Said alike on the screen and in `plan`.

export const PSI_STATED = 'PSI recomputed by Countersign from counts the pipeline states; rows stayed there.';

/** The incumbent's scores are the pipeline's own wherever its event sealed none on the same rows. */
export function incumbentStated(request: PromotionRequest, diff: Diff): string | null {
  const side = diff.evaluation.against.incumbent;
  const slice = 'figures' in side ? side.figures.slice : undefined;
  if (request.predictions === undefined || slice === undefined) return null;
  return slice.from === slice.to
    ? "The incumbent's figures: on rows its own event sealed; its scores must be the sealed ones."
    : "The incumbent's figures: recomputed from scores that the pipeline states for these new rows.";
}
