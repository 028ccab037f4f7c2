// The list of keys for whoever pins it, and the custodians' word that one was stolen.
import { Hono } from 'hono';
import { canonicalBytes } from '../domain/canonical.ts';
import { digestOfKeys } from '../domain/keys/set.ts';
import { problem } from '../domain/result.ts';
import { consent } from '../keys/consent.ts';
import { sealedKeys } from '../keys/keys.ts';
import type { Identified } from '../ports.ts';
import { anybody } from './api.ts';
import { boundedBody } from './body.ts';
import type { ConsoleWorld } from './console.ts';
import { refusal } from './problem.ts';
import { formOf, sessionOf } from './session.ts';

type Env = { Variables: { caller: Identified } };
const MAX_BODY = 4096;

export function keyRoutes(world: ConsoleWorld): Hono<Env> {
  const app = new Hono<Env>();
  // Public keys and times: nothing that anybody has to sign in for.
  app.get('/keys.json', async (c) => {
    const newest = (await sealedKeys(world)).at(-1);
    if (newest === undefined) return refusal(c, [problem('NOT_FOUND', '', 'this store has no list of keys yet')]);
    const { keys } = newest.record;
    return c.json({ event: newest.event, digest: digestOfKeys(keys), keys }, 200, { 'cache-control': 'no-store' });
  });

  app.post('/keys/consents', anybody(world), async (c) => {
    const form = sessionOf(c) ? await formOf(c, world.baseUrl) : undefined;
    if (form && !form.ok) return refusal(c, form.problems);
    const fields = form && { keyid: form.value.form['keyid'] ?? '', since: form.value.form['since'] ?? '' };
    const body = fields ? { ok: true as const, value: canonicalBytes(fields) } : await boundedBody(c.req.raw, MAX_BODY);
    const said = body.ok ? await consent(world, body.value, c.get('caller')) : body;
    if (!said.ok) return refusal(c, said.problems);
    const { principal, token } = c.get('caller');
    await world.erasable.keep(principal.auth.tokenDigest, token);
    return c.json({ people: said.value }, 202);
  });
  return app;
}
