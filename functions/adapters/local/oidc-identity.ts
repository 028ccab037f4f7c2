import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  exportJWK,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { Actor, Auth } from '../../domain/actor.ts';
import { canonicalBytes } from '../../domain/canonical.ts';
import { digestOf } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import { parseValue } from '../../domain/parse.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import type { Clock, Identified, Identity } from '../../ports.ts';

export type TrustedIssuer = {
  readonly issuer: string;
  /** What `aud` must hold: the API's name for bearer tokens, the client id for ID tokens. One identity per use, never both. */
  readonly audience: string;
  /** The keys; absent: where the issuer's own discovery document says that they are. */
  readonly jwks?: JSONWebKeySet;
  /** The claim that lists roles. */
  readonly rolesClaim: string;
};

/** Public-key algorithms only: `none` and the HS family would let anybody sign with what is published. */
const ALGORITHMS = ['ES256', 'RS256', 'PS256'];
const SKEW_SECONDS = 30;
const MAX_TOKEN_CHARS = 16_384;

const UNAUTHENTICATED = fail(problem('UNAUTHENTICATED', '', 'not signed in'));

export function createOidcIdentity(issuers: readonly TrustedIssuer[], clock: Clock): Identity {
  const trusted = new Map(
    issuers.map((one) => [
      one.issuer,
      { ...one, keys: one.jwks === undefined ? discoveredKeys(one.issuer) : createLocalJWKSet(one.jwks) },
    ]),
  );
  return {
    async verify(token) {
      if (token.length > MAX_TOKEN_CHARS) return UNAUTHENTICATED;
      try {
        // Read before it is checked, only to choose which issuer's keys check it.
        const issuer = trusted.get(decodeJwt(token).iss ?? '');
        if (!issuer) return UNAUTHENTICATED;
        const now = Date.parse(clock.now());
        const { payload, protectedHeader, key } = await jwtVerify(token, issuer.keys, {
          issuer: issuer.issuer,
          audience: issuer.audience,
          algorithms: ALGORITHMS,
          clockTolerance: SKEW_SECONDS,
          currentDate: new Date(now),
        });
        if ((payload.iat ?? Number.POSITIVE_INFINITY) > now / 1000 + SKEW_SECONDS) return UNAUTHENTICATED;
        // The key's required members only (RFC 7638): its digest is the key's thumbprint, whatever else the issuer publishes.
        const jwk = canonicalBytes(await exportJWK(key));
        return identified({ token, payload, kid: protectedHeader.kid, jwk, issuer });
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

const DISCOVERY_MS = 5_000;

/** OpenID Connect Discovery 1.0 §4, at the first token: at start-up the issuer may be this very process, not yet listening. */
function discoveredKeys(issuer: string): JWTVerifyGetKey {
  let known: Promise<JWTVerifyGetKey> | undefined;
  const discover = async () => {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(DISCOVERY_MS) });
    const said = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    // §4.3: another name in it means that somebody else's document was served.
    if (!answer.ok || said.issuer !== issuer || typeof said.jwks_uri !== 'string')
      throw new Error(`${url} answers ${answer.status} and is not the document of ${issuer}`);
    return createRemoteJWKSet(new URL(said.jwks_uri));
  };
  return async (header, token) => {
    known ??= discover().catch((error: unknown) => {
      known = undefined; // a failed discovery is tried again
      throw error;
    });
    return (await known)(header, token);
  };
}

type Checked = {
  readonly token: string;
  readonly payload: JWTPayload;
  readonly kid: string | undefined;
  readonly jwk: Uint8Array;
  readonly issuer: TrustedIssuer;
};

function identified({ token, payload, kid, jwk, issuer }: Checked): Result<Identified> {
  const { iss, sub } = payload;
  const severalAudiences = Array.isArray(payload.aud) && payload.aud.length > 1;
  // RFC 9068 says client_id, OpenID Connect azp. With one audience an ID token may leave it out: the audience is the client.
  const azp = payload['azp'] ?? payload['client_id'] ?? (severalAudiences ? undefined : issuer.audience);
  // A client-credentials token speaks for the client itself (RFC 9068 §5: its `sub` is the client).
  const actor = parseValue(Actor, { kind: sub === azp ? 'service' : 'person', iss, sub });
  if (!actor.ok) {
    // Said aloud, since the person who runs the issuer must mend it: an address could never be erased from the vault.
    const personal = actor.problems.find(({ code }) => code === 'PERSONAL_DATA');
    return personal ? fail({ ...personal, pointer: '/sub' }) : UNAUTHENTICATED;
  }
  const auth = parseValue(Auth, {
    ...present('acr', payload['acr']),
    ...present('amr', payload['amr']),
    ...present('authTime', payload['auth_time']),
    aud: issuer.audience,
    azp,
    exp: payload.exp,
    kid,
    jwk: digestOf(jwk),
    tokenDigest: digestOf(token),
    roles: payload[issuer.rolesClaim] ?? [],
    roleSource: `${issuer.issuer} claim ${issuer.rolesClaim}`,
  });
  return auth.ok ? ok({ principal: { actor: actor.value, auth: auth.value }, jwk, token }) : UNAUTHENTICATED;
}

const present = (key: string, value: unknown) => (value === undefined ? {} : { [key]: value });

/** What the token's sender caused is one uniform no. What the issuer's key endpoint caused is a fault: it says nothing of the token. */
function refusalOf(error: unknown): Result<never> {
  const issuersFault =
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC';
  if (!issuersFault) return UNAUTHENTICATED;
  throw new InfrastructureError("the issuer's keys cannot be read", { retryable: true, cause: error });
}
