// Whose approval counts, for the gate and for every verifier alike.
import { missingSeats } from '../quorum.ts';
import type { Routing } from '../routing.ts';
import { isFresh } from '../step-up.ts';
import { ACKNOWLEDGE } from '../vote.ts';
import { type Promotion, saidNo } from './statement.ts';

type Approvals = Exclude<Promotion['approvals'], { absent: string }>;
type PersonApproval = Extract<Approvals[number], { kind: 'person' }>;

/** Approvals by people who had signed in as lately as the routing asks. */
export const countedPersons = ({ stepUpMinutes }: Pick<Routing, 'stepUpMinutes'>, approvals: Approvals): PersonApproval[] =>
  approvals.filter(
    (approval) =>
      approval.kind === 'person' && approval.choice === 'approve' && isFresh(stepUpMinutes, approval.auth, approval.castAt),
  ) as PersonApproval[];

/** What an approval of the automated path lacks: its policy always, and an acknowledgement where its routing asks for one. */
export function flawOfPolicy(routing: Routing, approvals: Approvals): string | undefined {
  const policies = approvals.filter((approval) => approval.kind === 'policy');
  const persons = approvals.filter((approval) => approval.kind === 'person');
  const [policy] = policies;
  const byPolicy = policies.length === 1 && policy?.pack === routing.pack && policy.actor.kind === 'service';
  if (!byPolicy || (routing.groups.length === 0 && persons.length > 0))
    return 'the automated path is approved by its policy alone';
  if (saidNo(approvals)) return 'somebody rejected or returned what is sealed as approved';
  const acknowledged = countedPersons(routing, approvals);
  if (acknowledged.some(({ meaning }) => meaning !== ACKNOWLEDGE)) return 'an acknowledgement says something else';
  const missing = missingSeats(routing.groups, acknowledged);
  return missing.length === 0
    ? undefined
    : `nobody acknowledged it: ${missing.map((seat) => `${seat.missing} ${seat.role}`).join(', ')} missing`;
}
