import { z } from 'zod';
import { Digest } from './digest.ts';
import { Label } from './text.ts';

/** One input of the model, in the order the model takes them. */
export const Feature = z.strictObject({
  name: Label,
  type: Label,
  required: z.boolean(),
  family: Label,
  source: Label,
  /** Digest of the transform's definition without fitted values: a refit keeps it, a re-encoding changes it. */
  transformDigest: Digest,
  protected: z.enum(['no', 'attribute', 'proxy']),
});
export type Feature = z.infer<typeof Feature>;

export const Features = z
  .array(Feature)
  .min(1)
  .max(2000)
  .superRefine((features, ctx) => {
    const seen = new Set<string>();
    features.forEach((feature, i) => {
      if (seen.has(feature.name)) {
        ctx.addIssue({
          code: 'custom',
          path: [i, 'name'],
          message: 'this feature stands twice',
          params: { code: 'INVALID_VALUE' },
        });
      }
      seen.add(feature.name);
    });
  });
