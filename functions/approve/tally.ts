import { missingSeats } from '../domain/quorum.ts';
import type { Group, Routing } from '../domain/routing.ts';
import type { Outcome } from '../domain/rows.ts';
import { isFresh } from '../domain/step-up.ts';
import type { Instant } from '../domain/text.ts';
import type { Vote } from '../domain/vote.ts';

export type Tally =
  | { readonly kind: 'waiting'; readonly missing: readonly (Group & { readonly missing: number })[] }
  | { readonly kind: 'decided'; readonly outcome: Extract<Outcome, 'approved' | 'rejected' | 'returned' | 'expired'> };

/**
 * Counts votes. One reject rejects, one return returns: a committee member's no is never outvoted silently. Each person
 * counts once and for one group, so a person with two roles does not make a quorum of two. Votes come before the clock: a
 * quorum reached in time stands, however late it is counted; and a time-out never approves.
 */
export function tally(routing: Routing, votes: readonly Vote[], expiresAt: Instant | null, now: Instant): Tally {
  if (votes.some((vote) => vote.choice === 'reject')) return { kind: 'decided', outcome: 'rejected' };
  if (votes.some((vote) => vote.choice === 'return')) return { kind: 'decided', outcome: 'returned' };
  // Judged when it was cast; counted again, as rows and bytes may have been put there by others. A no counts however old.
  const approvals = votes.filter((vote) => vote.choice === 'approve' && isFresh(routing.stepUpMinutes, vote.auth, vote.castAt));
  const missing = missingSeats(routing.groups, approvals);
  if (routing.groups.length > 0 && routing.holds.length === 0 && missing.length === 0) {
    return { kind: 'decided', outcome: 'approved' };
  }
  if (expiresAt !== null && now >= expiresAt) return { kind: 'decided', outcome: 'expired' };
  return { kind: 'waiting', missing };
}
