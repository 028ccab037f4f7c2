import type { EventHash } from './domain/digest.ts';
import { EMPTY_HEAD, type Head, keys } from './domain/rows.ts';
import { lineageOf } from './lineage.ts';
import type { World } from './ports.ts';

type Place = { readonly line: string; readonly environment: string };

/** The approval by people that a chain rests on was taken back: no policy goes on from there alone, a committee decides (HIS). */
const UNKNOWN = { lastHumanApproved: null, automatedSinceHuman: null };

/** What a revocation of another than the active version leaves of the head. */
export const headWithout = (head: Head, revoked: EventHash, last: EventHash): Head => ({
  ...head,
  ...(head.lastHumanApproved === revoked ? UNKNOWN : {}),
  reservedBy: null,
  last,
});

/** The head when this version runs: its baselines are walked along its own sealed events. `last`: the entry that says so. */
export async function headOn(
  world: Pick<World, 'vault' | 'index' | 'signer'>,
  { line, environment }: Place,
  incumbent: EventHash | null,
  last: EventHash,
): Promise<Head> {
  if (incumbent === null) return { ...EMPTY_HEAD, last };
  const walked = await lineageOf(world, { line, environment, incumbent });
  const { lastHumanApproved = null, automatedSinceHuman = null } = walked ?? {};
  const gone = lastHumanApproved !== null && (await world.index.get(keys.revoked(lastHumanApproved))) !== undefined;
  return { incumbent, ...(gone ? UNKNOWN : { lastHumanApproved, automatedSinceHuman }), reservedBy: null, last };
}
