import { decide } from '../approve/decide.ts';
import { tally } from '../approve/tally.ts';
import type { Dossier } from '../domain/dossier.ts';
import type { DriveWorld } from '../packs.ts';
import { nowFor } from '../store.ts';
import { approveStep } from './approve.ts';
import { readRouting } from './route.ts';
import { readVotes } from './votes.ts';

/** Counts what is there; false when it still waits. `parked`: an approval must wait for another request of the same head. */
export async function tallyStep(world: DriveWorld, dossier: Dossier, parked: () => Promise<boolean>): Promise<boolean> {
  const routing = await readRouting(world, dossier);
  const votes = await readVotes(
    world,
    dossier,
    dossier.votes.map((row) => row.voteKey),
  );
  const result = tally(
    routing,
    votes.map(({ vote }) => vote),
    dossier.screen?.expiresAt ?? null,
    nowFor(world.clock, dossier),
  );
  if (result.kind === 'waiting') return false;
  if (result.outcome === 'approved' && routing.path === 'automated' && (await parked())) return false;
  if (result.outcome === 'approved') await approveStep(world, dossier);
  else await decide(world, dossier, { outcome: result.outcome, reasons: [] });
  return true;
}
