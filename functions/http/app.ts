import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { storyOf } from '../domain/errors.ts';
import { problem } from '../domain/result.ts';
import { reasonForAll } from '../health.ts';
import { policyInForce } from '../in-force.ts';
import type { Identity } from '../ports.ts';
import { actRoutes } from './acts.ts';
import { apiRoutes } from './api.ts';
import { type ConsoleWorld, consoleRoutes } from './console.ts';
import { directRoutes } from './direct.ts';
import { whileFrozen } from './frozen.ts';
import { type HookWorld, hookRoutes } from './hooks.ts';
import { keepTyped } from './kept.ts';
import { keyRoutes } from './keys.ts';
import { ledgerRoutes } from './ledger.ts';
import { letPassRoutes } from './let-pass.ts';
import { logRoutes } from './log.ts';
import { pathForLog, wordsOf } from './log-path.ts';
import { openApiRoutes } from './openapi.ts';
import { SHELL, STYLE } from './pages/assets.ts';
import { pageHeaders } from './pages/headers.ts';
import { signInPage } from './pages/plain.ts';
import { policyRoutes } from './policy.ts';
import { problemOfError, refusal } from './problem.ts';
import { ruleRoutes } from './rules.ts';
import type { OidcClient, Sessions } from './session.ts';
import { shadowRoutes } from './shadow.ts';
import { signInRoutes } from './sign-in.ts';
import { standingRoutes } from './standing.ts';
import { statsRoutes } from './stats.ts';

export type LogEntry = Readonly<Record<string, string | number>>;

export type AppWorld = ConsoleWorld &
  HookWorld & {
    readonly sessions: Sessions;
    /** Checks ID tokens of people (audience: the console); absent when no provider is configured: then nobody signs in. */
    readonly people?: { readonly client: OidcClient; readonly identity: Identity };
    /** One line of structured log. Of paths our own words and ids are kept; no names, tokens or bodies. */
    readonly log: (entry: LogEntry) => void;
    readonly milliseconds: () => number;
  };

/** The whole HTTP surface over the stages: the local server and the API function wrap this same app. */
export function createApp(world: AppWorld): Hono {
  const app = new Hono();
  const pathOf = (c: Context) => pathForLog(c.req.path, wordsOf(app.routes));
  app.use(async (c, next) => {
    const started = world.milliseconds();
    await next();
    const took = Math.round(world.milliseconds() - started);
    world.log({ level: 'info', event: 'http', method: c.req.method, path: pathOf(c), status: c.res.status, ms: took });
  });
  app.use(providerKnown(world.providerOrigin));
  app.onError((error, c) => {
    world.log({ level: 'error', event: 'fault', path: pathOf(c), error: storyOf(error) });
    return refusal(c, [problemOfError(error)]);
  });
  app.notFound((c) => refusal(c, [problem('NOT_FOUND', '', `no route ${c.req.method} ${c.req.path}`)]));

  app.get('/healthz', async (c) => {
    const seen = await world.health?.look();
    const { state = 'HEALTHY', since = null, eta = null, reason = null } = seen ?? {};
    const said = reason === null ? null : reasonForAll(reason);
    return c.json({ status: 'up', store: { state, since, eta, reason: said } });
  });
  app.get('/readyz', async (c) => {
    const active = await policyInForce(world);
    return active.ok ? c.json({ status: 'ready' }) : refusal(c, active.problems);
  });
  for (const asset of [STYLE, SHELL]) app.get(asset.path, (c) => assetResponse(c, asset));

  app.use(world.sessions.load);
  app.use(keepTyped(world.baseUrl, async (path, headers) => app.request(path, { headers })));
  app.use(whileFrozen(world));
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
  app.route('/', openApiRoutes());
  app.route('/', logRoutes(world));
  app.route('/', hookRoutes(world));
  app.route('/', apiRoutes(world));
  app.route('/', directRoutes(world));
  app.route('/', consoleRoutes(world));
  app.route('/', ruleRoutes(world));
  app.route('/', policyRoutes(world));
  app.route('/', shadowRoutes(world));
  app.route('/', actRoutes(world));
  app.route('/', ledgerRoutes(world));
  app.route('/', letPassRoutes(world));
  app.route('/', keyRoutes(world));
  app.route('/', statsRoutes(world));
  app.route('/', standingRoutes(world));
  return app;
}

/** A problem page of somebody signed in has the form to sign out, and that may end at the provider. */
const providerKnown =
  (origin: string | undefined): MiddlewareHandler =>
  async (c, next) => {
    c.set('providerOrigin', origin);
    await next();
  };

const assetResponse = (c: Context, asset: typeof STYLE) =>
  c.body(asset.body, 200, { 'content-type': asset.type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' });
