// POST /hooks/{registry}: stored before it is answered, looked into afterwards. Whatever is wrong with a hook, the answer is one.
import { Hono } from 'hono';
import { BAD_HOOK, MAX_HOOK_BYTES } from '../domain/hook.ts';
import type { DriveWorld } from '../packs.ts';
import { hear } from '../registries/hear.ts';
import type { Connections } from '../registry.ts';
import { boundedBody } from './body.ts';
import { refusal } from './problem.ts';

export type HookWorld = DriveWorld & {
  readonly connections?: Connections;
  /** Something may be there to look into; it may be lost, since the next tick looks anyway. */
  readonly heard?: () => void;
};

export function hookRoutes(world: HookWorld): Hono {
  const app = new Hono();
  app.post('/hooks/:registry', async (c) => {
    const connection = world.connections?.get(c.req.param('registry'));
    const body = await boundedBody(c.req.raw, MAX_HOOK_BYTES);
    if (connection === undefined || !body.ok) return refusal(c, [BAD_HOOK]);
    const taken = await hear(world, connection, { headers: Object.fromEntries(c.req.raw.headers), body: body.value });
    if (!taken.ok) return refusal(c, taken.problems);
    world.heard?.();
    return c.json(taken.value, 202);
  });
  return app;
}
