import type { EventHash } from '../domain/digest.ts';
import { isAbsent, type Promotion } from '../domain/event/statement.ts';
import { type EndedRow, keys } from '../domain/rows.ts';
import type { Write } from '../ports.ts';

/**
 * What later promotions and the figures ask of this one, by key, so that nobody walks a line's whole past. All of it stands in
 * the sealed event; a rebuild of the index makes the same rows from the vault.
 */
export function factsOfSealed(promotion: Promotion, event: EventHash): Write[] {
  return [
    endedFact(promotion),
    ...versionFact(promotion, event),
    ...(promotion.outcome === 'approved' ? approvedFacts(promotion, event) : []),
  ];
}

/**
 * R63: from here on the version id names these bytes. Whatever people or the clock said of them, they were what the request
 * stated; of what was refused that is not known, and a slip of the pen would burn the id.
 */
function versionFact({ scope: { line, environment }, model, outcome }: Promotion, event: EventHash): Write[] {
  if (outcome === 'refused' || isAbsent(model)) return [];
  return [{ kind: 'fact', key: keys.version(line, model.version, event), body: { environment, event } }];
}

function approvedFacts({ scope: { line, environment }, model, explanation }: Promotion, event: EventHash): Write[] {
  const body = { environment, event };
  const artefacts = isAbsent(explanation) ? [] : explanation.flatMap((one) => one.artefacts.map(({ digest }) => digest));
  return [
    ...(isAbsent(model) ? [] : [{ kind: 'fact' as const, key: keys.approvedRoot(line, model.root, environment, event), body }]),
    ...[...new Set(artefacts)].map((digest) => ({ kind: 'fact' as const, key: keys.explained(line, digest, event), body })),
  ];
}

function endedFact({ requestId: id, scope, outcome, routing, times }: Promotion): Write {
  const routed = isAbsent(routing) ? undefined : routing;
  const body: EndedRow = {
    id,
    line: scope.line,
    path: routed?.path ?? null,
    outcome,
    asked: [...new Set((routed?.groups ?? []).map(({ from }) => from))].sort(),
    receivedAt: times.receivedAt,
    screenStoredAt: times.screenStoredAt,
    decidedAt: times.decidedAt,
  };
  return { kind: 'fact', key: keys.ended(times.decidedAt, id), body };
}
