import type { Actor, Auth } from './actor.ts';
import { canonicalDigest } from './canonical.ts';
import type { Group } from './routing.ts';

type Approver = { readonly actor: Pick<Actor, 'iss' | 'sub'>; readonly auth: Pick<Auth, 'roles'> };
export type MissingSeats = Group & { readonly missing: number };

/**
 * How many approvals each group lacks under the best assignment of persons to groups. Each person counts once, whatever their
 * roles. Augmenting paths (bipartite matching): committees are small, and a greedy count could deny a quorum that exists.
 */
export function missingSeats(groups: readonly Group[], approvers: readonly Approver[]): MissingSeats[] {
  const seats = groups.flatMap((group) => Array.from({ length: group.min }, () => group));
  const takenBy = new Map<number, Approver>();
  const place = (approver: Approver, tried: Set<number>): boolean => {
    for (const [s, seat] of seats.entries()) {
      if (tried.has(s) || !approver.auth.roles.includes(`${seat.role}@${seat.from}`)) continue;
      tried.add(s);
      const holder = takenBy.get(s);
      if (holder === undefined || place(holder, tried)) {
        takenBy.set(s, approver);
        return true;
      }
    }
    return false;
  };
  const persons = new Map(approvers.map((approver) => [canonicalDigest([approver.actor.iss, approver.actor.sub]), approver]));
  for (const approver of persons.values()) place(approver, new Set());
  return groups
    .map((group) => ({ ...group, missing: seats.filter((seat, s) => seat === group && !takenBy.has(s)).length }))
    .filter((group) => group.missing > 0);
}
