import { type Actor, type Auth, sameActor } from '../domain/actor.ts';
import type { Dossier } from '../domain/dossier.ts';
import { type Problem, problem } from '../domain/result.ts';
import type { Group, Routing } from '../domain/routing.ts';

/** Who holds `role` in `committee` says the token's roles claim as `role@committee`, at the moment of the act (R7a). */
const holds = (auth: Auth, group: Group): boolean => auth.roles.includes(`${group.role}@${group.from}`);

export const groupsOf = (auth: Auth, routing: Routing): Group[] => routing.groups.filter((group) => holds(auth, group));

/**
 * May this person decide? Authority is judged now and sealed as a snapshot; whoever took part in making the request may not
 * judge it (effective challenge).
 */
export function problemsOfAuthority(actor: Actor, auth: Auth, dossier: Dossier, routing: Routing): Problem[] {
  if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'a vote is cast by a person')];
  const problems: Problem[] = [];
  if (groupsOf(auth, routing).length === 0) {
    const asked = routing.groups.map((group) => `${group.role} of ${group.from}`).join(', or ');
    const detail = asked ? `it asks for ${asked}, and you hold no such role` : 'no committee is registered for this line';
    problems.push(problem('NOT_YOURS', '', detail));
  }
  if (sameActor(actor, dossier.request.requester.actor)) {
    problems.push(problem('SEPARATION', '', 'you announced this promotion, so somebody else must judge it'));
  }
  if (dossier.rationale && sameActor(actor, dossier.rationale.author)) {
    problems.push(problem('SEPARATION', '', 'you wrote its rationale, so somebody else must judge it'));
  }
  return problems;
}
