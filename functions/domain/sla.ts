// When an answer is late, and who is shown it then. Late is never yes: nothing here decides.
import type { Auth } from './actor.ts';
import type { Dossier } from './dossier.ts';
import type { Routing } from './routing.ts';
import { type Instant, instantOf } from './text.ts';

const MS_PER_HOUR = 3_600_000;

export type AnswerBy = { readonly at: Instant; readonly overdue: boolean };

type Asked = Pick<Routing, 'sla'>;
type Times = Pick<Dossier, 'routing' | 'screen' | 'decision'>;

/** Hours run from the screen; until there is one, from the routing, so that a missing rationale is late as well. */
export function answerBy({ sla }: Asked, { routing, screen, decision }: Times, now: Instant): AnswerBy | null {
  const from = screen?.storedAt ?? routing?.routedAt;
  if (sla === undefined || from === undefined) return null;
  const at = instantOf(Date.parse(from) + sla.respondWithinHours * MS_PER_HOUR);
  // What was decided late stays with those who were called: they may look at how it ended.
  return { at, overdue: (decision?.decidedAt ?? now) >= at };
}

/** They see it. They decide only where they hold a seat. */
export const isEscalatedTo = (routing: Asked, times: Times, now: Instant, { roles }: Pick<Auth, 'roles'>): boolean =>
  (answerBy(routing, times, now)?.overdue ?? false) && (routing.sla?.escalateTo.some((role) => roles.includes(role)) ?? false);
