import { type Context, Hono } from 'hono';
import { problem } from '../domain/result.ts';
import { keys } from '../domain/rows.ts';
import type { Identity } from '../ports.ts';
import { apiRoutes } from './api.ts';
import { type ConsoleWorld, consoleRoutes } from './console.ts';
import { logRoutes } from './log.ts';
import { SHELL, STYLE } from './pages/assets.ts';
import { pageHeaders } from './pages/headers.ts';
import { signInPage } from './pages/plain.ts';
import { policyRoutes } from './policy.ts';
import { problemOfError, refusal } from './problem.ts';
import { ruleRoutes } from './rules.ts';
import type { OidcClient, Sessions } from './session.ts';
import { shadowRoutes } from './shadow.ts';
import { signInRoutes } from './sign-in.ts';

export type LogEntry = Readonly<Record<string, string | number>>;

export type AppWorld = ConsoleWorld & {
  readonly sessions: Sessions;
  /** Checks ID tokens of people (audience: the console); absent when no provider is configured: then nobody signs in. */
  readonly people?: { readonly client: OidcClient; readonly identity: Identity };
  /** One line of structured log. Paths carry ids only; no names, tokens or bodies. */
  readonly log: (entry: LogEntry) => void;
  readonly milliseconds: () => number;
};

/** The whole HTTP surface over the stages: the local server and the API function wrap this same app. */
export function createApp(world: AppWorld): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    const started = world.milliseconds();
    await next();
    const took = Math.round(world.milliseconds() - started);
    world.log({ level: 'info', event: 'http', method: c.req.method, path: c.req.path, status: c.res.status, ms: took });
  });
  app.onError((error, c) => {
    world.log({ level: 'error', event: 'fault', path: c.req.path, error: error.stack ?? String(error) });
    return refusal(c, [problemOfError(error)]);
  });
  app.notFound((c) => refusal(c, [problem('NOT_FOUND', '', `no route ${c.req.method} ${c.req.path}`)]));

  app.get('/healthz', (c) => c.json({ status: 'up' }));
  app.get('/readyz', async (c) => {
    const active = await world.index.get(keys.activation);
    return active ? c.json({ status: 'ready' }) : refusal(c, [problem('NOT_INITIALISED', '', 'no policy is active')]);
  });
  for (const asset of [STYLE, SHELL]) app.get(asset.path, (c) => assetResponse(c, asset));

  app.use(world.sessions.load);
  if (world.people) {
    const { baseUrl, clock, random, sessions } = world;
    const page = (start: string) => signInPage({ start });
    const refuse = (c: Context, problems: Parameters<typeof refusal>[1]) => refusal(c, problems);
    const { client, identity } = world.people;
    const options = { client, identity, sessions, baseUrl, clock, random, page, refuse };
    app.use('/sign-in', async (c, next) => {
      await next();
      for (const [name, value] of Object.entries(pageHeaders(world.providerOrigin))) c.res.headers.set(name, value);
    });
    app.route('/', signInRoutes(options));
  }
  // Before the API: what it serves is for everybody.
  app.route('/', logRoutes(world));
  app.route('/', apiRoutes(world));
  app.route('/', consoleRoutes(world));
  app.route('/', ruleRoutes(world));
  app.route('/', policyRoutes(world));
  app.route('/', shadowRoutes(world));
  return app;
}

const assetResponse = (c: Context, asset: typeof STYLE) =>
  c.body(asset.body, 200, { 'content-type': asset.type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' });
