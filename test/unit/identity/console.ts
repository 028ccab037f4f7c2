// A console with its provider on a free loopback port, composed as `serve --demo` composes them.
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createOidcClient } from '../../../functions/adapters/local/oidc-client.ts';
import { createOidcIdentity } from '../../../functions/adapters/local/oidc-identity.ts';
import {
  API_AUDIENCE,
  CONSOLE_CLIENT,
  createProvider,
  generateProviderKey,
  type LocalProvider,
} from '../../../functions/adapters/local/openid-provider.ts';
import { accountsOf, SAMPLE_PEOPLE, SAMPLE_SERVICES } from '../../../functions/adapters/local/sample-people.ts';
import { entryOf } from '../../../functions/domain/errors.ts';
import { instantOf } from '../../../functions/domain/text.ts';
import {
  createSessions,
  formOf,
  type OidcClient,
  type Refuse,
  requirePerson,
  sessionOf,
} from '../../../functions/http/session.ts';
import { signInRoutes } from '../../../functions/http/sign-in.ts';
import type { Clock, Identity } from '../../../functions/ports.ts';

const random = () => randomBytes(32).toString('base64url');

const refuse: Refuse = (c, problems) => {
  const code = problems[0]?.code ?? 'INTERNAL';
  return c.json({ code, problems }, entryOf(code).status as 401);
};

export type Console = {
  readonly baseUrl: string;
  readonly issuer: string;
  readonly provider: LocalProvider;
  readonly api: Identity;
  readonly faults: unknown[];
  /** The clock everything but the provider's protocol library reads; moved by hand. */
  readonly skip: (ms: number) => void;
  readonly stop: () => Promise<void>;
};

export async function startConsole(wrap: (client: OidcClient) => OidcClient = (client) => client): Promise<Console> {
  let skipped = 0;
  const clock: Clock = { now: () => instantOf(Date.now() + skipped) };
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${baseUrl}/idp`;
  const secret = random();
  const faults: unknown[] = [];
  const provider = createProvider({
    issuer,
    people: await accountsOf(SAMPLE_PEOPLE),
    services: SAMPLE_SERVICES,
    keys: { signing: await generateProviderKey(), cookies: [random()] },
    console: { secret, redirectUris: [`${baseUrl}/callback`], postLogoutRedirectUris: [`${baseUrl}/sign-in`] },
    clock,
    onFault: (error) => void faults.push(error),
    failureDelayMs: 1,
  });
  const trusted = (audience: string) => createOidcIdentity([{ issuer, audience, rolesClaim: 'roles' }], clock);
  const client = createOidcClient({
    issuer,
    clientId: CONSOLE_CLIENT,
    secret,
    redirectUri: `${baseUrl}/callback`,
    afterSignOut: `${baseUrl}/sign-in`,
  });
  const sessions = createSessions({ baseUrl, clock, random });
  const page = (start: string) => `<a href="${start}">Sign in</a>`;
  const identity = trusted(CONSOLE_CLIENT);
  const app = new Hono();
  app.use(sessions.load);
  app.route('/', signInRoutes({ client: wrap(client), identity, sessions, baseUrl, clock, random, page, refuse }));
  app.get('/who', requirePerson(refuse), (c) => c.json(sessionOf(c)));
  app.post('/act', async (c) => {
    const form = await formOf(c, baseUrl);
    return form.ok ? c.json(form.value.form) : refuse(c, form.problems);
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  server.on('request', (req, res) => (req.url?.startsWith('/idp/') ? provider.callback(req, res) : void listener(req, res)));
  return {
    baseUrl,
    issuer,
    provider,
    api: trusted(API_AUDIENCE),
    faults,
    skip: (ms) => {
      skipped += ms;
    },
    stop: () => stop(server),
  };
}

const stop = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** A token of the sample pipeline, asked for as a pipeline would. */
export async function pipelineToken(issuer: string, extra: Record<string, string> = {}, secret = SAMPLE_SERVICES[0]?.secret) {
  const basic = Buffer.from(`german-credit-pipeline:${secret}`).toString('base64');
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...extra }),
  });
  return { status: response.status, body: (await response.json()) as { access_token?: string; error?: string } };
}
