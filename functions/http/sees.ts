// Committees are per line (R51): a member of one neither sees nor opens what another one decides.
import { groupsOf } from '../approve/authority.ts';
import type { Digest } from '../domain/digest.ts';
import { committeesOf } from '../domain/layers.ts';
import { seesLine } from '../domain/line.ts';
import type { Dossier } from '../domain/rows.ts';
import { isEscalatedTo } from '../domain/sla.ts';
import type { DriveWorld } from '../packs.ts';
import { lineOf } from '../route/pack.ts';
import { readRouting } from '../steps/route.ts';
import type { Session } from './session.ts';

/** `pack`: the one the request was routed under; its registration of the line says who was concerned. */
export async function sees(
  world: Pick<DriveWorld, 'packs'>,
  { pack, line }: { readonly pack: Digest; readonly line: string },
  { principal }: Pick<Session, 'principal'>,
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
