import type { Dossier } from '../domain/dossier.ts';
import type { Problem } from '../domain/result.ts';
import { type DecisionRow, keys, type Outcome } from '../domain/rows.ts';
import type { World, Write } from '../ports.ts';
import { standingHashes, standingOf } from '../standing.ts';
import { nowFor, readHead } from '../store.ts';

/** A record must stay readable: what refuses a request a hundred thousand times refuses it in two hundred words as well. */
const MAX_REASONS = 200;

/** Of a register that nobody has moved (ports.ts: `absent` becomes 1 in every adapter). */
const FIRST_REVISION = 1;

export type Verdict = { readonly outcome: Outcome; readonly reasons: readonly Problem[] };

/**
 * Ends a request, once, with every vote there is; false when something happened meanwhile and the rows are to be read again. An approval also reserves the head of (line, environment), on condition that it still is what the
 * comparison used: if the incumbent moved, people judged something else, and the outcome is `stale` (evidence.md §4 W4).
 * Two deciders at once: the fact row lets one win, and the other finds the request decided.
 */
export async function decide(world: World, dossier: Dossier, verdict: Verdict): Promise<boolean> {
  const { request } = dossier;
  // Every vote moves the open row (vote.ts). Read before the votes are counted again, and moved with the decision: a no that
  // was answered "ok" while this verdict was made is never left out of it.
  const open = await world.index.get(keys.open(request.id));
  const votes = await world.index.list(keys.requestPk(request.id), 'vote#');
  if (open === undefined || votes.length !== dossier.votes.length) return false;
  // Each vote moved the row once, and nothing else does: one that is counted there and not listed yet is waited for. DynamoDB shows the
  // rows of one transaction one after the other to a query ("read-committed"; only single reads are serializable).
  if (votes.length < open.revision - FIRST_REVISION) return false;
  const writes: Write[] = [{ kind: 'register', key: open.key, body: open.body, expected: open.revision }];
  let { outcome, reasons } = verdict;
  let previous: DecisionRow['previous'];
  if (outcome === 'approved') {
    const { head, revision } = await readHead(world.index, request.line, request.environment);
    const moved =
      head.incumbent !== request.comparedWith.incumbent || head.lastHumanApproved !== request.comparedWith.lastHumanApproved;
    if (moved || (head.reservedBy !== null && head.reservedBy !== request.id)) {
      outcome = 'stale';
      const now = moved ? `the incumbent is ${head.incumbent}` : `${head.reservedBy} is being sealed for this head`;
      reasons = [{ code: 'STALE_COMPARISON', pointer: '/comparedWith/incumbent', detail: now }];
    } else if (dossier.routing?.path === 'automated' && (await somethingStands(world, request))) {
      outcome = 'stale';
      reasons = [{ code: 'STANDING_MOVED', pointer: '', detail: 'drift was found or the automated path suspended meanwhile' }];
    } else {
      const body = { ...head, reservedBy: request.id };
      previous = head.last ?? null;
      writes.push({ kind: 'register', key: keys.head(request.line, request.environment), body, expected: revision });
    }
  }
  const decidedAt = nowFor(world.clock, dossier);
  const row: DecisionRow = {
    outcome,
    decidedAt,
    votes: dossier.votes.map(({ voteKey }) => voteKey).sort(),
    reasons: reasons.slice(0, MAX_REASONS).map((reason) => ({ ...reason })),
    ...(previous === undefined ? {} : { previous }),
  };
  const decision: Write = { kind: 'fact', key: keys.fact(request.id, 'decision'), body: row };
  // A lost race over the head is found at the next turn: the rows are read again, and the loser becomes stale.
  const done = await world.index.commit([decision, ...writes]);
  if (done.kind === 'conflict') world.workflow.wake(request.id);
  return done.kind === 'committed';
}

/**
 * While anything stands against the line no policy approves alone, whatever pack routed it. Looked at after the head was read:
 * every standing record moves the head's row, so one that comes between this look and the commit makes the commit conflict.
 */
async function somethingStands(world: World, { line, environment }: Dossier['request']): Promise<boolean> {
  return standingHashes(await standingOf(world, line, environment)).length > 0;
}
