import { Hono } from 'hono';
import type { Identified } from '../ports.ts';
import { statsOf } from '../stats.ts';
import { type ApiWorld, anybody } from './api.ts';

/** Counts and durations only: no model, no person. */
export function statsRoutes(world: ApiWorld): Hono<{ Variables: { caller: Identified } }> {
  const app = new Hono<{ Variables: { caller: Identified } }>();
  app.get('/stats', anybody(world), async (c) => c.json(await statsOf(world), 200, { 'cache-control': 'no-store' }));
  return app;
}
