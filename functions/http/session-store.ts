// Where sessions are kept until their time. One process keeps them in memory; several need a store that all of them reach.
import type { Digest } from '../domain/digest.ts';
import { expiringMap } from './expiring-map.ts';

/**
 * LAW: get answers what was put, until its time and until it was taken; after that nothing. Named by the digest of the id that the
 * browser holds, so that who reads the store cannot become somebody.
 */
export interface SessionStore {
  put(id: Digest, body: unknown, untilSeconds: number): Promise<void>;
  get(id: Digest): Promise<unknown>;
  /** Answers it and forgets it: of two at once one gets it. */
  take(id: Digest): Promise<unknown>;
}

/** A restart signs everybody out. Strangers can fill it, so the oldest leave first. */
export function sessionsInMemory(nowMs: () => number, limit: number): SessionStore {
  const kept = expiringMap<unknown>(nowMs, limit);
  return {
    put: async (id, body, untilSeconds) => kept.set(id, body, untilSeconds * 1000),
    get: async (id) => kept.get(id),
    take: async (id) => kept.take(id),
  };
}
