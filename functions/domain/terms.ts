import { z } from 'zod';
import { Decimal } from './decimal.ts';
import { EventHash } from './digest.ts';
import { Label } from './text.ts';

/** How much worse a metric may be at the next promotion; `segment` `*` means every judged segment. */
const Band = z.strictObject({ metric: Label, segment: Label.optional(), maxWorse: Decimal });

/** Sealed now, used at the next promotion (R44), so that neither a band nor a family can be invented when it is needed. */
export const Terms = z.strictObject({
  bands: z.array(Band).max(500),
  families: z.record(Label, Label),
  carriedFrom: EventHash.nullable(),
});
export type Terms = z.infer<typeof Terms>;
