// Committees are per line (R51): a member of one neither sees nor opens what another one decides.
import { activeOf } from '../activation.ts';
import { groupsOf } from '../approve/authority.ts';
import type { Digest } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { Predicate } from '../domain/event/statement.ts';
import { committeesOf } from '../domain/layers.ts';
import { seesLine } from '../domain/line.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { isEscalatedTo } from '../domain/sla.ts';
import type { DriveWorld } from '../packs.ts';
import { lineOf } from '../route/pack.ts';
import { readRouting } from '../steps/route.ts';
import type { Session } from './session.ts';

type Reader = Pick<Session, 'principal'>;

/** `pack`: the one the request was routed under; its registration of the line says who was concerned. */
export async function sees(
  world: Pick<DriveWorld, 'packs'>,
  { pack, line }: { readonly pack: Digest; readonly line: string },
  { principal }: Reader,
): Promise<boolean> {
  const loaded = await world.packs.load(pack);
  return seesLine(lineOf(loaded, line), committeesOf(loaded.layered, line), principal);
}

/** Besides those of the line: whoever its routing asks (somebody on call), and those to whom it was escalated. */
export async function seesRequest(
  world: DriveWorld,
  dossier: Dossier,
  { principal }: Pick<Session, 'principal'>,
): Promise<boolean> {
  if (await sees(world, dossier.request, { principal })) return true;
  if (dossier.routing === undefined) return false;
  const routing = await readRouting(world, dossier);
  return groupsOf(principal.auth, routing).length > 0 || isEscalatedTo(routing, dossier, world.clock.now(), principal.auth);
}

export const NOT_CONCERNED = problem('NOT_YOURS', '', 'another committee decides for this line');

/** What has no routing of its own is judged by the policy of today. Before there is one, only services have business here. */
export async function seesToday(world: Pick<DriveWorld, 'packs' | 'index'>, line: string, reader: Reader): Promise<boolean> {
  const active = await activeOf(world.index);
  if (active === undefined) return reader.principal.actor.kind === 'service';
  return sees(world, { pack: active.row.pack, line }, reader);
}

/** A sealed thing, for who may see its line. Hashes of events are public in the log, so knowing one is no permission. */
export async function shownTo<E extends { readonly predicate: Predicate }>(
  world: Pick<DriveWorld, 'packs' | 'index'>,
  event: Result<E>,
  reader: Reader,
): Promise<Result<E>> {
  if (!event.ok) return event;
  const line = lineIn(event.value.predicate);
  return line === undefined || (await seesToday(world, line, reader)) ? ok(event.value) : fail(NOT_CONCERNED);
}

/** Undefined for what is of no line, as an activation. */
function lineIn(predicate: Predicate): string | undefined {
  if ('scope' in predicate) return predicate.scope.line;
  return 'line' in predicate ? predicate.line : undefined;
}
