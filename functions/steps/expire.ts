import { decide } from '../approve/decide.ts';
import type { Dossier } from '../domain/dossier.ts';
import { invariant } from '../domain/result.ts';
import { type Instant, instantOf } from '../domain/text.ts';
import type { DriveWorld } from '../packs.ts';
import { nowFor } from '../store.ts';
import { reusedExplanations } from './explanations.ts';
import { readRouting } from './route.ts';

const MS_PER_DAY = 86_400_000;

export const daysAfter = (instant: Instant, days: number): Instant => instantOf(Date.parse(instant) + days * MS_PER_DAY);

/** Before anybody is asked to write or decide (R48). On the automated path nobody relies on a picture: docs/decisions/0019. */
export async function refuseReused(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  const reasons = await reusedExplanations(world, dossier);
  if (reasons.length === 0) return false;
  await decide(world, dossier, { outcome: 'refused', reasons });
  return true;
}

/** A request nobody explains does not hold back its line for ever: it ends when the time of its path is over. */
export async function expireUnexplained(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  invariant(dossier.routing !== undefined, 'routed before it waits');
  const { expiresAfterDays } = await readRouting(world, dossier);
  if (nowFor(world.clock, dossier) < daysAfter(dossier.routing.routedAt, expiresAfterDays)) return false;
  await decide(world, dossier, { outcome: 'expired', reasons: [] });
  return true;
}
