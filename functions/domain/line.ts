import { z } from 'zod';
import { Label, Name } from './text.ts';

/** One value of one segment column that model risk registered. `pooled`: too small to judge alone. */
const RegisteredSegment = z.strictObject({
  name: Label,
  filter: z.strictObject({ column: Label, value: z.string().max(200) }),
  state: z.enum(['judged', 'pooled']),
  protected: z.boolean(),
});

/** A committee that approves for this line: who holds `role` in `committee` at the moment of the vote may vote. */
export const Committee = z.strictObject({
  committee: Name,
  path: z.enum(['reviewer', 'committee']),
  role: Name,
  min: z.int().min(1).max(20),
});

/** One model in one decisioning use, as model risk registered it. Policy data: never sent by a requester. */
export const ModelLine = z.strictObject({
  line: Name,
  environments: z.array(z.strictObject({ name: Name, class: z.enum(['dev', 'prod']) })).min(1),
  tier: z.enum(['high', 'medium', 'low']),
  ownerOfRecord: z.strictObject({ iss: Label, sub: Label }),
  exposure: Label,
  purpose: Label,
  committees: z.array(Committee).min(1),
  segments: z.array(RegisteredSegment).max(500),
  minRows: z.int().min(1),
});
export type ModelLine = z.infer<typeof ModelLine>;
