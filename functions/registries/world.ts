import type { Instant } from '../domain/text.ts';
import { instantOf } from '../domain/text.ts';
import type { DriveWorld } from '../packs.ts';
import type { Erasable, Identified } from '../ports.ts';
import type { Connections } from '../registry.ts';

export type RegistryWorld = DriveWorld & {
  readonly erasable: Erasable;
  readonly connections: Connections;
  /** Who announces what was found in a registry: this server's own service identity, signed in at the same issuer as pipelines. */
  readonly announcer: () => Promise<Identified>;
};

/** After so many tries it rests, and people see it; a new hook or a restart of the request begins again. */
const MAX_ATTEMPTS = 40;
const FIRST_MS = 5_000;
const LONGEST_MS = 60 * 60_000;

/** Twice as long each time, to an hour; then an end. */
export function nextTry(attempts: number, now: Instant): Instant | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  return instantOf(Date.parse(now) + Math.min(FIRST_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_MS));
}

export const isDue = (notBefore: Instant | null, now: Instant): boolean => notBefore !== null && notBefore <= now;
