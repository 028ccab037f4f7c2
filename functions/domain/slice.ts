import { z } from 'zod';
import { Digest } from './digest.ts';
import { Day, Label } from './text.ts';

/** A set of rows by content (R9a, R9b): the digest is of the file's bytes; the locator finds it, never proves it. */
export const Slice = z.strictObject({
  name: Label,
  role: z.enum(['train', 'validation', 'evaluation', 'scoring']),
  digest: Digest,
  rows: z.int().nonnegative(),
  filters: z.array(z.string().min(1).max(500)).max(100),
  window: z.strictObject({ from: Day, to: Day }),
  derivedFrom: Digest.optional(),
  locator: z.strictObject({ system: Label, uri: z.string().min(1).max(2000), immutableId: z.string().min(1).max(500) }),
});
export type Slice = z.infer<typeof Slice>;
