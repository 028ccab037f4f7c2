import { z } from 'zod';
import { Digest, EventHash } from './digest.ts';
import { Profile } from './profile.ts';
import { Terms } from './terms.ts';

const Baseline = z.strictObject({
  event: EventHash,
  modelRoot: Digest,
  profile: z.strictObject({ digest: Digest, body: Profile }).nullable(),
  terms: Terms,
});

/** What `GET /lines/{line}/{environment}/baselines` answers: what a pipeline needs to bin at sealed edges. */
export const Baselines = z.strictObject({ incumbent: Baseline.nullable(), lastHumanApproved: Baseline.nullable() });
export type Baselines = z.infer<typeof Baselines>;

/** As the server answers: with how many automated promotions stand between them, which it counts. */
export const CountedBaselines = Baselines.extend({
  automatedSinceHuman: z.int().nullable(),
  /** Records that stand against the line, and those of them that are drift findings a request may answer. */
  standing: z.array(EventHash),
  answerable: z.array(EventHash),
});
export type CountedBaselines = z.infer<typeof CountedBaselines>;
