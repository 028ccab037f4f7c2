import type { Problem } from '../domain/result.ts';
import { type DecisionRow, type Dossier, keys, type Outcome } from '../domain/rows.ts';
import type { World, Write } from '../ports.ts';
import { readHead } from '../store.ts';

export type Verdict = { readonly outcome: Outcome; readonly reasons: readonly Problem[]; readonly votes: readonly string[] };

/**
 * Ends a request, once. An approval also reserves the head of (line, environment), on condition that it still is what the
 * comparison used: if the incumbent moved, people judged something else, and the outcome is `stale` (evidence.md §4 W4).
 * Two deciders at once: the fact row lets one win, and the other finds the request decided.
 */
export async function decide(world: World, dossier: Dossier, verdict: Verdict): Promise<void> {
  const { request } = dossier;
  const writes: Write[] = [];
  let { outcome, reasons } = verdict;
  if (outcome === 'approved') {
    const { head, revision } = await readHead(world.index, request.line, request.environment);
    const moved =
      head.incumbent !== request.comparedWith.incumbent || head.lastHumanApproved !== request.comparedWith.lastHumanApproved;
    if (moved || (head.reservedBy !== null && head.reservedBy !== request.id)) {
      outcome = 'stale';
      const now = moved ? `the incumbent is ${head.incumbent}` : `${head.reservedBy} is being sealed for this head`;
      reasons = [{ code: 'STALE_COMPARISON', pointer: '/comparedWith/incumbent', detail: now }];
    } else {
      const body = { ...head, reservedBy: request.id };
      writes.push({ kind: 'register', key: keys.head(request.line, request.environment), body, expected: revision });
    }
  }
  const decidedAt = world.clock.now();
  const row: DecisionRow = {
    outcome,
    decidedAt,
    votes: [...verdict.votes].sort(),
    reasons: reasons.map((reason) => ({ ...reason })),
  };
  const decision: Write = { kind: 'fact', key: keys.fact(request.id, 'decision'), body: row };
  // A lost race over the head is found at the next turn: the rows are read again, and the loser becomes stale.
  const done = await world.index.commit([decision, ...writes]);
  if (done.kind === 'conflict') world.workflow.wake(request.id);
}
