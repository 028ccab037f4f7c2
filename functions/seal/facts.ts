import type { Agreed } from '../domain/act.ts';
import type { EventHash } from '../domain/digest.ts';
import { isAbsent, isAct, type Predicate, type Promotion } from '../domain/event/statement.ts';
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

/** What becomes true with an act for good, whatever the head says afterwards. */
export function factsOfAct(act: Agreed, event: EventHash): Write[] {
  const { line, environment } = act.scope;
  if (act.kind === 'breakGlass') return [{ kind: 'fact', key: keys.brokenGlass(line, environment, event), body: { event } }];
  const ended: Write[] =
    act.kind === 'revocation'
      ? [{ kind: 'fact', key: keys.revoked(act.event), body: { event, at: act.at } }]
      : act.to === null && act.from !== null
        ? [{ kind: 'fact', key: keys.archived(act.from), body: { event, at: act.at } }]
        : [];
  return [...ended, { kind: 'fact', key: keys.entry(line, environment, act.previous), body: { event } }];
}

/** What follows for good from any record; of those that wait for nobody, only that one moved a head. */
export function factsOfRecord(predicate: Predicate, event: EventHash): Write[] {
  if (isAct(predicate)) return factsOfAct(predicate, event);
  if (predicate.kind !== 'intentTransition') return [];
  const { scope, previous } = predicate;
  return [{ kind: 'fact', key: keys.entry(scope.line, scope.environment, previous), body: { event } }];
}

function entryFact({ scope: { line, environment }, lineage: { previous } }: Promotion, event: EventHash): Write[] {
  if (previous === undefined) return [];
  return [{ kind: 'fact', key: keys.entry(line, environment, previous), body: { event } }];
}

function approvedFacts(promotion: Promotion, event: EventHash): Write[] {
  const {
    scope: { line, environment },
    model,
    explanation,
  } = promotion;
  const body = { environment, event };
  const artefacts = isAbsent(explanation) ? [] : explanation.flatMap((one) => one.artefacts.map(({ digest }) => digest));
  return [
    ...(isAbsent(model) ? [] : [{ kind: 'fact' as const, key: keys.approvedRoot(line, model.root, environment, event), body }]),
    ...entryFact(promotion, event),
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
