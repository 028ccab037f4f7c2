// Committees are per line (R51): a member of one neither sees nor opens what another one decides.
import type { Digest } from '../domain/digest.ts';
import { committeesOf } from '../domain/layers.ts';
import { seesLine } from '../domain/line.ts';
import type { DriveWorld } from '../packs.ts';
import { lineOf } from '../route/pack.ts';
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
