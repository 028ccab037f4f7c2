import type { Diff } from '../../domain/diff.ts';
import type { PromotionRequest } from '../../domain/request.ts';

// What Countersign computed, and on whose word the numbers before it stand. Said alike on the screen and in `plan`.

export const PSI_STATED = 'PSI recomputed by Countersign from counts the pipeline states; the rows stayed with the pipeline.';

export const gateStated = ({ report }: PromotionRequest['gates'][number]): string => `stated; report ${report} kept`;

/** The incumbent's scores are the pipeline's own wherever its event sealed none on the same rows. */
export function incumbentStated(request: PromotionRequest, diff: Diff): string | null {
  const side = diff.evaluation.against.incumbent;
  const slice = 'figures' in side ? side.figures.slice : undefined;
  if (request.predictions === undefined || slice === undefined) return null;
  return slice.from === slice.to
    ? "The incumbent's figures: on the rows its own event was sealed on; scores stated again must be the sealed ones."
    : "The incumbent's figures: recomputed from scores that the pipeline states for the incumbent on these new rows.";
}
