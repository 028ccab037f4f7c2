import { isAbsent, type Predicate } from './statement.ts';

/**
 * What a verified event still rests on somebody's word for. Said beside the checks, so that a row of green ticks is not taken for
 * more than it is.
 */
export function unprovenOf(predicate: Predicate): string[] {
  const always = [
    'times: by the clock of the service that signed',
    'that nothing was left out of the log: only who watches it from outside can tell',
  ];
  if (predicate.kind !== 'promotion') return always;
  const { request, approvals, lineage, outcome } = predicate;
  const people = !isAbsent(approvals) && approvals.some(({ kind }) => kind === 'person');
  return [
    ...(isAbsent(request) ? [] : ['who announced it: the service checked the sign-in, whose token is not among these files']),
    ...(people ? ['that the people decided themselves: the service says so, they did not sign'] : []),
    ...(lineage.incumbent === null
      ? ['that nothing was active before: the service counted']
      : ['that its baselines were the active ones, and how many automated promotions came between: the service counted']),
    ...(outcome === 'approved'
      ? ['that it was not taken back since: an event cannot know; ask the gate, or give the later records with --ledger']
      : []),
    ...always,
  ];
}
