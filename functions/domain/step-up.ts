// How old the sign-in of somebody who decides may be. Judged when they act, again when it is counted, and by every verifier.
import type { Auth } from './actor.ts';
import { type Problem, problem } from './result.ts';
import { type Instant, instantOf } from './text.ts';

type SignIn = Pick<Auth, 'authTime'>;

const MS_PER_MINUTE = 60_000;

/** The provider's clock is not ours. A sign-in further ahead than that has not happened yet, and would stay fresh for long. */
const SKEW_MS = 30_000;

/** The last instant at which this sign-in counts; null when the token does not say when it was. */
export const freshUntil = (minutes: number, { authTime }: SignIn): Instant | null =>
  authTime === undefined ? null : instantOf(authTime * 1000 + minutes * MS_PER_MINUTE);

/** `minutes`: what the routing asks for; undefined asks for nothing. A sign-in that nobody can date is never fresh. */
export function isFresh(minutes: number | undefined, { authTime }: SignIn, at: Instant): boolean {
  if (minutes === undefined) return true;
  if (authTime === undefined) return false;
  const age = Date.parse(at) - authTime * 1000;
  return -SKEW_MS <= age && age <= minutes * MS_PER_MINUTE;
}

export function problemsOfSignIn(minutes: number | undefined, auth: SignIn, at: Instant): Problem[] {
  if (minutes === undefined || isFresh(minutes, auth, at)) return [];
  const asked = `a decision here needs a sign-in of the last ${minutes} minutes`;
  const yours = auth.authTime === undefined ? 'does not say when it was' : `was at ${instantOf(auth.authTime * 1000)}`;
  return [problem('STEP_UP_REQUIRED', '', `${asked}; yours ${yours}`)];
}
