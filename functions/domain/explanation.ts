import { z } from 'zod';
import { Digest } from './digest.ts';
import { Label } from './text.ts';

const Artefact = z.strictObject({
  name: Label,
  mediaType: z.enum(['image/png', 'image/jpeg', 'application/json', 'text/csv', 'text/html']),
  size: z.int().nonnegative(),
  digest: Digest,
  /** Required, so that a picture says in words what it shows (WCAG 1.1.1). */
  alt: z.string().min(1).max(500),
});

/** One explanation and **the slice it was computed on** (R8b): the story of the plot made on last quarter's slice. */
export const Explanation = z.strictObject({
  kind: z.enum(['shap', 'importances', 'partial-dependence', 'calibration', 'fairness', 'comparison']),
  slice: Digest,
  artefacts: z.array(Artefact).min(1).max(50),
  tool: Label,
  background: Digest.optional(),
  /** Mean absolute contribution per feature, largest first, as decimal strings; shown as stated. */
  summary: z
    .array(z.strictObject({ feature: Label, value: z.string().max(32) }))
    .max(2000)
    .optional(),
});
export type Explanation = z.infer<typeof Explanation>;
