import type { EventHash } from './domain/digest.ts';
import { EMPTY_HEAD, type Head } from './domain/rows.ts';
import { lineageOf } from './lineage.ts';
import type { World } from './ports.ts';

type Place = { readonly line: string; readonly environment: string };

/** The head when this version runs: its baselines are walked along its own sealed events. `last`: the entry that says so. */
export async function headOn(
  world: Pick<World, 'vault' | 'signer'>,
  { line, environment }: Place,
  incumbent: EventHash | null,
  last: EventHash,
): Promise<Head> {
  if (incumbent === null) return { ...EMPTY_HEAD, last };
  const walked = await lineageOf(world, { line, environment, incumbent });
  const { lastHumanApproved = null, automatedSinceHuman = null } = walked ?? {};
  return { incumbent, lastHumanApproved, automatedSinceHuman, reservedBy: null, last };
}
