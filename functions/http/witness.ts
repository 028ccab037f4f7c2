// The witness over HTTP: the one call of c2sp.org/tlog-witness. An app of its own, never part of the server it watches.
import { Hono } from 'hono';
import { addCheckpoint, type WitnessWorld } from '../witness/add-checkpoint.ts';
import { boundedBody } from './body.ts';

/** 63 hashes and a checkpoint with its signatures fit many times. */
const MAX_BODY = 64 * 1024;

export function createWitness(world: WitnessWorld): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'up' }));
  app.post('/add-checkpoint', async (c) => {
    const body = await boundedBody(c.req.raw, MAX_BODY);
    if (!body.ok) return c.text('too large\n', 400);
    const reply = await addCheckpoint(world, new TextDecoder().decode(body.value));
    return c.body(reply.body, reply.status, { 'content-type': reply.type });
  });
  return app;
}
