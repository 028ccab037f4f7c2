import { z } from 'zod';
import { Actor, Auth } from './actor.ts';
import { canonicalDigest } from './canonical.ts';
import { Digest, hexOf } from './digest.ts';
import { RequestId } from './request.ts';
import type { Path } from './routing.ts';
import { Instant, Label, prose } from './text.ts';

export const Choice = z.enum(['approve', 'reject', 'return', 'abstain', 'recuse']);
export type Choice = z.infer<typeof Choice>;

/** What a person sends. `nonce` is the one of the page they decided on. */
export const Ballot = z.strictObject({
  screen: Digest,
  choice: Choice,
  /** Findings of the routing, each with what the voter says of it (R57). */
  criteria: z.array(z.strictObject({ code: Label, checked: z.boolean() })).max(500),
  rationale: prose(10, 10_000).optional(),
  conditions: z.array(prose(5, 2000)).max(20),
  nonce: z.string().min(16).max(200),
});
export type Ballot = z.infer<typeof Ballot>;

/** The fixed texts a signature means (21 CFR 11.50), sealed with the vote. */
export const MEANINGS: Record<Choice, string> = {
  approve: 'I approve this promotion on the screen named here',
  reject: 'I reject this promotion on the screen named here',
  return: 'I return this request for changes; it ends here',
  abstain: 'I do not decide on this request',
  recuse: 'I am not independent of this request and withdraw',
};

/** On the automated path the policy approves; a person on call says that they know (R33). */
export const ACKNOWLEDGE = 'I acknowledge that policy approves this promotion, on the screen named here';

export const meaningOf = (choice: Choice, path: Path): string =>
  choice === 'approve' && path === 'automated' ? ACKNOWLEDGE : MEANINGS[choice];

/** One approver's choice over one screen. */
export const Vote = z.strictObject({
  schema: z.literal('vote/v1'),
  request: RequestId,
  screen: Digest,
  choice: Choice,
  meaning: z.string(),
  criteria: Ballot.shape.criteria,
  rationale: Ballot.shape.rationale,
  conditions: Ballot.shape.conditions,
  actor: Actor,
  auth: Auth,
  servedAt: Instant,
  castAt: Instant,
  nonce: Ballot.shape.nonce,
  /** The approver's own signature. `null` is printed as "not signed by the approver". */
  assertion: z.null(),
});
export type Vote = z.infer<typeof Vote>;

/** R13: one vote per request and person, whatever the retries. Hex, as it names a vault object. */
export const voteKeyOf = (request: RequestId, actor: Pick<Actor, 'iss' | 'sub'>): string =>
  hexOf(canonicalDigest(['vote/v1', request, actor.iss, actor.sub]));
