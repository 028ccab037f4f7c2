// A real OpenID Connect provider for one machine (oidc-provider does the protocol). It knows sample people only, answers on
// loopback only, and hands out no token without a password or a client secret.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';
import Provider, { type ClientToken, errors, type ProviderContext } from 'oidc-provider';
import { invariant } from '../../domain/result.ts';
import type { Clock } from '../../ports.ts';
import { loginPage, PAGE_HEADERS, providerPage, SAMPLE_ACR } from './login-page.ts';
import { type Account, passwordCheck } from './passwords.ts';
import { providerStore } from './provider-store.ts';

export const CONSOLE_CLIENT = 'countersign-console';
/** The audience of access tokens for our API. */
export const API_AUDIENCE = 'countersign';
/** RFC 8707 wants a URI, so the resource has a longer name than the audience it gives. */
const API_RESOURCE = 'urn:countersign:api';

type ProviderOptions = {
  /** `http://127.0.0.1:<port>/idp`: its path is where the provider is mounted. */
  readonly issuer: string;
  readonly people: readonly Account[];
  readonly services: readonly { readonly clientId: string; readonly secret: string; readonly roles: readonly string[] }[];
  /** `signing`: a private JWK with `kid` and `alg`, kept over restarts so that sealed digests of it stay resolvable. */
  readonly keys: { readonly signing: JWK; readonly cookies: readonly string[] };
  readonly console: {
    readonly secret: string;
    readonly redirectUris: readonly string[];
    readonly postLogoutRedirectUris: readonly string[];
  };
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  readonly failureDelayMs?: number;
};

export type LocalProvider = {
  /** Takes every request whose path starts with the issuer's path. */
  readonly callback: (req: IncomingMessage, res: ServerResponse) => void;
  /** The public keys, for whoever verifies in the same process. */
  readonly jwks: JSONWebKeySet;
};

/** For the composition root, which keeps the result in a file. RS256: what an HTTP API of AWS can check by itself. */
export async function generateProviderKey(alg: 'ES256' | 'RS256' = 'ES256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' };
}

const isLoopback = (host: string) => /^(127\.\d+\.\d+\.\d+|\[?::1\]?|::ffff:127\.\d+\.\d+\.\d+|localhost)$/.test(host);

export function createProvider(options: ProviderOptions): LocalProvider {
  const issuer = new URL(options.issuer);
  invariant(isLoopback(issuer.hostname), 'the sample provider answers on loopback only');
  const nowMs = () => Date.parse(options.clock.now());
  const provider = new Provider(options.issuer, configurationOf(options, nowMs));
  provider.on('error', options.onFault);
  provider.on('server_error', (_ctx, error) => options.onFault(error));
  const login = loginPage({
    provider,
    check: passwordCheck(options.people, nowMs),
    failureDelayMs: options.failureDelayMs ?? 250,
  });
  const protocol = provider.callback();

  const callback = (req: IncomingMessage, res: ServerResponse) => {
    // The Host check keeps out pages that rebind their own name to 127.0.0.1.
    if (!isLoopback(req.socket.remoteAddress ?? '') || req.headers.host !== issuer.host) {
      res.writeHead(403, PAGE_HEADERS).end(providerPage('Not here', `<p>This provider answers at ${issuer.origin} only.</p>`));
      return;
    }
    const url = req.url ?? '/';
    const local = url.slice(issuer.pathname.length) || '/';
    const uid = /^\/interaction\/([\w-]{1,100})(?:\?|$)/.exec(local)?.[1];
    // The library reads the mount path from the difference between the two.
    const mounted = Object.assign(req, { originalUrl: url, url: uid ? url : local });
    (uid ? login(mounted, res, uid) : protocol(mounted, res)).catch((error: unknown) => {
      options.onFault(error);
      if (!res.headersSent) res.writeHead(500, PAGE_HEADERS).end(providerPage('A fault', '<p>Please try again.</p>'));
    });
  };
  const { kty, crv, x, y, n, e, kid, alg, use } = options.keys.signing;
  const known = Object.entries({ kty, crv, x, y, n, e, kid, alg, use }).filter(([, value]) => value !== undefined);
  return { callback, jwks: { keys: [Object.fromEntries(known) as JWK] } };
}

function configurationOf(options: ProviderOptions, nowMs: () => number): Readonly<Record<string, unknown>> {
  const alg = options.keys.signing.alg ?? 'ES256';
  const accounts = new Map(options.people.map((account) => [account.sub, account]));
  const rolesOfService = new Map(options.services.map((service) => [service.clientId, service.roles]));
  return {
    adapter: providerStore(nowMs),
    jwks: { keys: [options.keys.signing] },
    cookies: { keys: options.keys.cookies, long: { httpOnly: true, sameSite: 'lax', path: new URL(options.issuer).pathname } },
    clients: clientsOf(options),
    clientDefaults: { id_token_signed_response_alg: alg },
    enabledJWA: { idTokenSigningAlgValues: [alg] },
    clientAuthMethods: ['client_secret_basic'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: ['openid', 'profile'],
    acrValues: [SAMPLE_ACR],
    // Roles and the way of signing in belong into the ID token itself: it is the evidence that is kept (R7a, R7b).
    claims: { openid: ['sub', 'roles', 'acr', 'amr', 'auth_time', 'sid'], profile: ['name'] },
    conformIdTokenClaims: false,
    features: featuresOf(rolesOfService, alg),
    extraTokenClaims: (_ctx: ProviderContext, token: ClientToken) =>
      token.kind === 'ClientCredentials' ? { azp: token.clientId, roles: rolesOfService.get(token.clientId) ?? [] } : undefined,
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      ClientCredentials: 600,
      IdToken: 3600,
      Interaction: 600,
      Session: 8 * 3600,
      Grant: 8 * 3600,
    },
    clientBasedCORS: () => false,
    interactions: { url: (_ctx: ProviderContext, { uid }: { uid: string }) => `${options.issuer}/interaction/${uid}` },
    findAccount: (_ctx: ProviderContext, sub: string, code?: { readonly sessionUid?: string }) => {
      const account = accounts.get(sub);
      // The library gives `sid` only to clients with back-channel logout; as evidence the session is named always (R7b).
      const claims = () => ({ sub, name: account?.name, roles: account?.roles, sid: code?.sessionUid });
      return account && { accountId: sub, claims };
    },
    loadExistingGrant,
    renderError: (ctx: ProviderContext) => {
      show(
        ctx,
        'This did not work',
        '<p>The request was not one this provider answers. <a href="/sign-in">Start again</a>.</p>',
      );
    },
  };

  // The console is the organisation's own: signing in is the consent, so nobody is asked a second question.
  async function loadExistingGrant(this: unknown, ctx: ProviderContext & { readonly oidc: { readonly provider: Provider } }) {
    const { account, client, provider } = ctx.oidc;
    if (!account || client?.clientId !== CONSOLE_CLIENT) return undefined;
    const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  }
}

function clientsOf({ services, console: ours }: ProviderOptions) {
  return [
    {
      client_id: CONSOLE_CLIENT,
      client_secret: ours.secret,
      redirect_uris: ours.redirectUris,
      post_logout_redirect_uris: ours.postLogoutRedirectUris,
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
    ...services.map(({ clientId, secret }) => ({
      client_id: clientId,
      client_secret: secret,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    })),
  ];
}

function featuresOf(services: ReadonlyMap<string, unknown>, alg: string) {
  const off = { enabled: false };
  return {
    devInteractions: off,
    dPoP: off,
    pushedAuthorizationRequests: off,
    userinfo: off,
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx: ProviderContext, client: { clientId: string }) =>
        services.has(client.clientId) ? API_RESOURCE : undefined,
      getResourceServerInfo: (_ctx: ProviderContext, resource: string, client: { clientId: string }) => {
        // A person's access token must never open the API: people come by session only.
        if (resource !== API_RESOURCE || !services.has(client.clientId)) throw new errors.InvalidTarget();
        return { scope: '', audience: API_AUDIENCE, accessTokenFormat: 'jwt', jwt: { sign: { alg } } };
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx: ProviderContext, form: string) =>
        show(
          ctx,
          'Sign out',
          `${form}<button autofocus type="submit" form="op.logoutForm" value="yes" name="logout">Sign out here too</button>`,
        ),
      postLogoutSuccessSource: (ctx: ProviderContext) => show(ctx, 'Signed out', '<p>You are signed out.</p>'),
    },
  };
}

function show(ctx: ProviderContext, title: string, body: string): void {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) ctx.set(name, value);
  ctx.body = providerPage(title, body);
}
