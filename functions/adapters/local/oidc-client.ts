// The console as a client of an OpenID provider (openid-client does the protocol). Fits OidcClient of functions/http/session.ts.
import * as oidc from 'openid-client';
import { InfrastructureError } from '../../domain/errors.ts';

type OidcClientOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly secret: string;
  readonly redirectUri: string;
  readonly afterSignOut: string;
};

/** As long as one sign-in may take. `prompt` is what makes it a fresh one. */
const MAX_AGE_SECONDS = 600;

type Started = { readonly state: string; readonly nonce: string; readonly verifier: string };

export function createOidcClient(options: OidcClientOptions) {
  let known: Promise<oidc.Configuration> | undefined;
  // Asked for at the first sign-in: at start-up the provider may be this very process, not yet listening.
  const configuration = () => {
    known ??= discover(options).catch((error: unknown) => {
      known = undefined; // a failed discovery is tried again
      throw error;
    });
    return known;
  };

  return {
    async start(): Promise<Started & { url: string }> {
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const verifier = oidc.randomPKCECodeVerifier();
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: options.redirectUri,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        // Each sign-in proves the person anew: approvals must not ride on a session somebody left open elsewhere.
        prompt: 'login',
        // Who is asked for it must say when it was (OpenID Connect Core 2, auth_time): a decision may need that.
        max_age: String(MAX_AGE_SECONDS),
      });
      return { url: url.href, state, nonce, verifier };
    },

    /** undefined: what came back does not answer what was asked. */
    async finish(
      callback: URL,
      { state, nonce, verifier }: Started,
    ): Promise<{ idToken: string; displayName?: string } | undefined> {
      const config = await configuration();
      try {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
        const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
        const name = tokens.claims()?.['name'];
        return tokens.id_token === undefined
          ? undefined
          : { idToken: tokens.id_token, ...(typeof name === 'string' ? { displayName: name } : {}) };
      } catch (error) {
        return refusedOrThrow(error);
      }
    },

    /** Where to end the provider's own session, if it offers that. */
    async signOutUrl(idToken: string): Promise<string | undefined> {
      const config = await configuration();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: options.afterSignOut }).href;
    },
  };
}

async function discover({ issuer, clientId, secret }: OidcClientOptions): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  // Plain http only where nobody else can listen.
  const loopback = url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const execute = loopback ? [oidc.allowInsecureRequests] : [];
  try {
    return await oidc.discovery(url, clientId, { client_secret: secret }, oidc.ClientSecretBasic(secret), { execute });
  } catch (cause) {
    throw new InfrastructureError('the identity provider does not answer', { retryable: true, cause });
  }
}

/** An answer that breaks the protocol is the browser's or the provider's no. A provider that cannot be reached is a fault. */
function refusedOrThrow(error: unknown): undefined {
  const refused = error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError;
  if (refused || (error instanceof oidc.ClientError && error.code !== 'OAUTH_TIMEOUT')) return undefined;
  throw new InfrastructureError('the identity provider does not answer', { retryable: true, cause: error });
}
