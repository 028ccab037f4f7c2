import { Hono } from 'hono';
import { problem } from '../domain/result.ts';
import { type ApiWorld, anybody } from './api.ts';
import { refusal } from './problem.ts';

/** What the candidate beside the active policy would have decided since this server started. */
export function shadowRoutes(world: ApiWorld): Hono {
  const app = new Hono();
  app.get('/policy/shadow', anybody(world), (c) =>
    world.shadow
      ? c.json(world.shadow.report())
      : refusal(c, [problem('NOT_FOUND', '', 'no candidate decides here; serve with --shadow')]),
  );
  return app;
}
