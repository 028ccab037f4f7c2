// Whom each act asks: computed when it is proposed, again before it is sealed, and by every verifier from the sealed policy.
import { type ActKind, type Asked, OWNER_GROUP } from './act.ts';
import type { Principal } from './actor.ts';
import { archivePathOf, committeesOf, dutiesOf, type Layers } from './layers.ts';
import { groupsFor, type ModelLine, ownsLine, sitsFor } from './line.ts';
import { type Problem, problem } from './result.ts';

/**
 * To end a version takes those of the path that line and tier name. The brakes take two people, so that they are quick: the owner
 * of record and anybody who decides for the line, whichever of them proposes. A line may let its people on call roll back alone.
 */
export function askedOf(data: Layers, line: ModelLine, what: ActKind, proposer: Principal): Asked {
  const path = archivePathOf(data, line);
  const committees = committeesOf(data, line.line);
  const { stepUpMinutes } = dutiesOf(data, line.line, path);
  const common = { tier: line.tier, ...(stepUpMinutes === undefined ? {} : { stepUpMinutes }) };
  if (what === 'archive') return { ...common, groups: groupsFor(committees, path) };
  if (what === 'rollback' && line.onCall)
    return { ...common, groups: [{ role: line.onCall.role, min: 1, from: line.onCall.committee }], alone: true };
  if (!ownsLine(line, proposer)) return { ...common, groups: [OWNER_GROUP], owner: line.ownerOfRecord };
  const seats = new Map(committees.map(({ role, committee }) => [`${role}@${committee}`, { role, min: 1, from: committee }]));
  return { ...common, groups: [...seats.values()], any: true };
}

/** Whoever answers for the line or decides for it; a version may also be proposed to end by who deploys it. */
export function problemsOfProposer(data: Layers, line: ModelLine, what: ActKind, { actor, auth }: Principal): Problem[] {
  const decides = ownsLine(line, { actor, auth }) || sitsFor(committeesOf(data, line.line), auth);
  if (what !== 'archive') {
    if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'it is proposed by people')];
    const { onCall } = line;
    const may = decides || (onCall !== undefined && auth.roles.includes(`${onCall.role}@${onCall.committee}`));
    return may ? [] : [problem('NOT_YOURS', '', 'proposed by its owner of record, its committees or its people on call')];
  }
  const may = actor.kind === 'service' ? auth.roles.includes('pipeline') : decides;
  return may ? [] : [problem('NOT_YOURS', '', 'proposed by its owner of record, its committees or its pipeline')];
}
