// Other sealed events that a diff rests on: whoever decides again reads them again.
import type { Diff } from './diff.ts';
import type { EventHash } from './digest.ts';

/** What was sealed of the stage before; that event itself is read again. */
export function stagesOf(diff: Diff): { environment: string; event: EventHash }[] {
  const { predecessor } = diff.history.figures;
  return predecessor?.event ? [{ environment: predecessor.environment, event: predecessor.event }] : [];
}

/** Which records stood is the event's to say; what they say is read from the records. */
export function standingIn({ history }: Diff): EventHash[] {
  const { standing } = history.figures;
  if (standing === undefined) return [];
  return [...standing.drift.map(({ event }) => event), ...(standing.suspended ? [standing.suspended] : [])];
}
