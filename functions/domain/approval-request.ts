import { z } from 'zod';
import { Actor, Auth } from './actor.ts';
import { Digest } from './digest.ts';
import { Rationale, RequestId } from './request.ts';
import { Instant } from './text.ts';

/** Field 3: what people are asked, made after routing. `request` and `routing` are digests of the exact stored bytes. */
export const ApprovalRequest = z.strictObject({
  schema: z.literal('approval-request/v0'),
  id: RequestId,
  request: Digest,
  diff: Digest,
  routing: Digest,
  rationale: Rationale.extend({ author: Actor, auth: Auth, at: Instant }).nullable(),
  expiresAt: Instant.nullable(),
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;
