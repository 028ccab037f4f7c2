// How long whoever drives a request may leave it alone when nobody wakes it: until the clock itself changes something.
import { type Dossier, factsOf } from './domain/dossier.ts';
import { type State, stateOf } from './domain/flow.ts';
import type { Instant } from './domain/text.ts';
import type { DriveWorld } from './packs.ts';
import { daysAfter } from './steps/expire.ts';
import { readRouting } from './steps/route.ts';

/** Nothing can be done now: frozen, or a state in which a step was not taken. */
const SOON_SECONDS = 60;
/** Waits for another request, whose end wakes it; the sweep finds it if that wake is lost. */
const PARKED_SECONDS = 3_600;
/**
 * However long people are given: a look now and then costs three transitions, and whose token was lost is found by it and by nothing
 * else (the private table may be erased at any time).
 */
const LONGEST_SECONDS = 6 * 3_600;

export async function waitSecondsOf(world: DriveWorld, dossier: Dossier, state: State): Promise<number> {
  const at = await clockOf(world, dossier, state);
  if (at === undefined) return state === 'settling' || state === 'voting' ? PARKED_SECONDS : SOON_SECONDS;
  // One second later, so that the moment has come when somebody looks.
  const seconds = Math.ceil((Date.parse(at) - Date.parse(world.clock.now())) / 1000) + 1;
  return seconds <= 1 ? SOON_SECONDS : Math.min(seconds, LONGEST_SECONDS);
}

/** When the time of what people are asked runs out. */
async function clockOf(world: DriveWorld, dossier: Dossier, state: State): Promise<Instant | undefined> {
  if (state === 'voting') return dossier.screen?.expiresAt ?? undefined;
  if (state !== 'needsRationale' || dossier.routing === undefined) return undefined;
  const { expiresAfterDays } = await readRouting(world, dossier);
  return daysAfter(dossier.routing.routedAt, expiresAfterDays);
}

/** Its time is over and nobody came to say so: the timer of whoever drives it was lost. */
export async function isLate(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  const at = await clockOf(world, dossier, stateOf(factsOf(dossier)));
  return at !== undefined && world.clock.now() >= at;
}
