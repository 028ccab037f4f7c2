import { Hono } from 'hono';
import { letPass } from '../let-pass.ts';
import type { Identified } from '../ports.ts';
import { anybody, dossierOf } from './api.ts';
import type { ConsoleWorld } from './console.ts';
import { refusal, wantsPage } from './problem.ts';
import { formOf, sessionOf, viewerOf } from './session.ts';

type Env = { Variables: { caller: Identified } };

/** The owner of record lets a parked request pass: by a form of ours, or with a token of their own. */
export function letPassRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/requests/:id/let-pass', anybody(world), async (c) => {
    const session = sessionOf(c);
    const sent = session ? await formOf(c, world.baseUrl) : undefined;
    if (sent && !sent.ok) return refusal(c, sent.problems);
    const found = await dossierOf(world, c.req.param('id'));
    const passed = found.ok ? await letPass(world, found.value, c.get('caller')) : found;
    if (!passed.ok) return refusal(c, passed.problems, {}, session ? viewerOf(session) : null);
    const { principal, token } = c.get('caller');
    await world.erasable.keep(principal.auth.tokenDigest, token);
    const id = c.req.param('id');
    return wantsPage(c) ? c.redirect(`/requests/${id}`, 303) : c.json({ requestId: id, returned: passed.value }, 202);
  });
  return app;
}
