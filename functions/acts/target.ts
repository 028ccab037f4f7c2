// Does an act still fit what is there? Asked before it is proposed, and again when it is decided.
import { readEvent } from '../baseline.ts';
import type { ActTerms, BreakGlass } from '../domain/act.ts';
import type { Digest, EventHash } from '../domain/digest.ts';
import { type Problem, problem } from '../domain/result.ts';
import { approvedRootPrefix, type Head, keys, LineFactRow, linePk } from '../domain/rows.ts';
import { ledgerOf } from '../ledger.ts';
import type { World } from '../ports.ts';
import { isOurs } from '../sealed.ts';

type Sealed = Pick<World, 'vault' | 'index' | 'signer'>;
type Place = { readonly line: string; readonly environment: string };

export async function problemsOfTarget(world: World, terms: ActTerms, { incumbent }: Head): Promise<Problem[]> {
  switch (terms.what) {
    case 'archive':
      if (incumbent === null) return [problem('NOT_WAITING', '/environment', 'no version is active there')];
      return moved(terms.from, incumbent);
    case 'rollback':
      if (terms.from !== incumbent) return moved(terms.from, incumbent);
      if (terms.to === incumbent) return [problem('NOT_WAITING', '/to', 'it is the active version')];
      return problemsOfVersion(world, terms, terms.to, '/to');
    case 'revocation': {
      const glass = await glassNamed(world, terms.event);
      if (glass !== undefined) return problemsOfGlass(world, terms, glass);
      const own = await problemsOfVersion(world, terms, terms.event, '/event');
      // An ended version may be revoked too: the approval is what is taken back.
      const wrong = own.filter(({ code }) => code !== 'ARCHIVED');
      if (wrong.length > 0 || terms.to === null) return wrong;
      if (terms.event !== incumbent) return [problem('NOT_WAITING', '/to', 'it is not active, so nothing replaces it')];
      if (terms.to === terms.event) return [problem('REVOKED', '/to', 'it is the one that is taken back')];
      return problemsOfVersion(world, terms, terms.to, '/to');
    }
    case 'breakGlass':
      return [...(await problemsOfBytes(world, terms)), ...(await problemsOfReview(world, terms))];
  }
}

type Bytes = Place & { readonly root: Digest };

/** What was taken back for ever is not brought back for some hours either. */
async function problemsOfBytes({ index }: Sealed, { line, environment, root }: Bytes): Promise<Problem[]> {
  for (const { body } of await index.list(linePk(line), approvedRootPrefix(root))) {
    const { environment: where, event } = LineFactRow.parse(body);
    if (where === environment && (await index.get(keys.revoked(event))))
      return [problem('REVOKED', '/root', `${event} approved these bytes here, and was taken back`)];
  }
  return [];
}

/** Hours upon hours would be an approval that nobody gave. */
async function problemsOfReview(world: World, { line, environment, root }: Bytes): Promise<Problem[]> {
  const { brokenGlass } = await ledgerOf(world, { line, environment }, world.clock.now());
  const before = brokenGlass.find((one) => one.root === root && one.reviewedBy === null);
  if (before === undefined) return [];
  return [problem('HOLD', '/root', `these bytes owe a review since ${before.event}: have them promoted first`)];
}

/** The record of a break-glass of ours under this hash. */
export async function glassNamed(world: Sealed, hash: EventHash): Promise<BreakGlass | undefined> {
  const event = await readEvent(world, hash);
  if (event?.predicate.kind !== 'breakGlass' || !isOurs(world.signer, event.envelope)) return undefined;
  return event.predicate;
}

/** Two people's word is taken back before its hours are over; nothing became active by it, so nothing replaces it. */
async function problemsOfGlass(
  { index }: Sealed,
  { line, environment, event, to }: Place & { readonly event: EventHash; readonly to: EventHash | null },
  { scope }: BreakGlass,
): Promise<Problem[]> {
  if (to !== null) return [problem('NOT_WAITING', '/to', 'nothing became active by it, so nothing replaces it')];
  if (scope.line !== line || scope.environment !== environment)
    return [problem('OUT_OF_SCOPE', '/event', `broken for ${scope.line} in ${scope.environment}`)];
  return (await index.get(keys.revoked(event))) ? [problem('REVOKED', '/event', 'it was taken back')] : [];
}

const moved = (from: EventHash | null, incumbent: EventHash | null): Problem[] =>
  from === incumbent ? [] : [problem('STALE_COMPARISON', '/from', `active is ${incumbent ?? 'nothing'}`)];

/** Approved for this very place by a sealed event of ours, and neither ended nor revoked since: what may run there again. */
async function problemsOfVersion(
  world: Sealed,
  { line, environment }: Place,
  hash: EventHash,
  pointer: string,
): Promise<Problem[]> {
  const event = await readEvent(world, hash);
  if (event === undefined || !isOurs(world.signer, event.envelope))
    return [problem('NOT_FOUND', pointer, `${hash} is not sealed here`)];
  const { predicate } = event;
  if (predicate.kind !== 'promotion' || predicate.outcome !== 'approved')
    return [problem('NOT_APPROVED', pointer, `${hash} approved no version`)];
  if (predicate.scope.line !== line || predicate.scope.environment !== environment)
    return [problem('OUT_OF_SCOPE', pointer, `approved for ${predicate.scope.line} in ${predicate.scope.environment}`)];
  if (await world.index.get(keys.revoked(hash))) return [problem('REVOKED', pointer, 'its approval was taken back')];
  if (await world.index.get(keys.archived(hash))) return [problem('ARCHIVED', pointer, 'it was ended')];
  return [];
}
