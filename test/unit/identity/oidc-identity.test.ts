import fc from 'fast-check';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOidcIdentity } from '../../../functions/adapters/local/oidc-identity.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { instantOf } from '../../../functions/domain/text.ts';
import type { Identity } from '../../../functions/ports.ts';

const NOW_S = 1_795_253_400; // 2026-11-21
const ISSUER = 'https://issuer.example';
const good: JWTPayload = {
  iss: ISSUER,
  sub: 'person-1',
  aud: 'countersign',
  azp: 'console',
  iat: NOW_S - 10,
  exp: NOW_S + 600,
  auth_time: NOW_S - 20,
  acr: 'urn:example:acr',
  amr: ['pwd', 'hwk'],
  roles: ['model-risk@retail-credit'],
};

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let ours: Keys;
let theirs: Keys;
let identity: Identity;

beforeAll(async () => {
  ours = await generateKeyPair('ES256', { extractable: true });
  theirs = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] };
  identity = createOidcIdentity([{ issuer: ISSUER, audience: 'countersign', jwks, rolesClaim: 'roles' }], {
    now: () => instantOf(NOW_S * 1000),
  });
});

const signed = (claims: JWTPayload, key = ours.privateKey, header: object = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header }).sign(key);
const without = (claim: string) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== claim));

const NO = { ok: false, problems: [{ code: 'UNAUTHENTICATED', pointer: '', detail: 'not signed in' }] };

describe('a token that is right', () => {
  test('R7 R7a R7b: gives issuer, subject, method, client and the roles of that moment with their source', async () => {
    const token = await signed(good);
    const answer = await identity.verify(token);
    expect(answer).toMatchObject({
      ok: true,
      value: {
        principal: {
          actor: { kind: 'person', iss: ISSUER, sub: 'person-1' },
          auth: {
            acr: 'urn:example:acr',
            amr: ['pwd', 'hwk'],
            authTime: NOW_S - 20,
            aud: 'countersign',
            azp: 'console',
            exp: NOW_S + 600,
            kid: 'k1',
            tokenDigest: digestOf(token),
            roles: ['model-risk@retail-credit'],
            roleSource: `${ISSUER} claim roles`,
          },
        },
        token,
      },
    });
  });

  test('R7b: the key that comes with it is named by its digest and verifies the token again, years later', async () => {
    const token = await signed(good);
    const answer = await identity.verify(token);
    if (!answer.ok) throw new Error('expected a principal');
    expect(answer.value.principal.auth.jwk).toBe(digestOf(answer.value.jwk));
    const jwk = JSON.parse(new TextDecoder().decode(answer.value.jwk));
    expect(Object.keys(jwk)).toEqual(['crv', 'kty', 'x', 'y']);
    const again = createOidcIdentity(
      [{ issuer: ISSUER, audience: 'countersign', jwks: { keys: [{ ...jwk, kid: 'k1' }] }, rolesClaim: 'roles' }],
      { now: () => instantOf(NOW_S * 1000) },
    );
    expect((await again.verify(token)).ok).toBe(true);
  });

  test('R33: is a service when it speaks for the client itself', async () => {
    for (const claims of [
      { sub: 'pipe', azp: 'pipe' },
      { sub: 'pipe', azp: undefined, client_id: 'pipe' },
    ]) {
      const answer = await identity.verify(await signed({ ...good, ...claims }));
      expect(answer).toMatchObject({ ok: true, value: { principal: { actor: { kind: 'service', sub: 'pipe' } } } });
    }
  });

  test('R7a: no roles claim means no role, never a default one', async () => {
    expect(await identity.verify(await signed(without('roles')))).toMatchObject({
      ok: true,
      value: { principal: { auth: { roles: [] } } },
    });
  });

  test('R7: a clock that is off by some seconds is forgiven, by a minute not', async () => {
    expect((await identity.verify(await signed({ ...good, exp: NOW_S - 10 }))).ok).toBe(true);
    expect((await identity.verify(await signed({ ...good, iat: NOW_S + 10 }))).ok).toBe(true);
    expect(await identity.verify(await signed({ ...good, exp: NOW_S - 60 }))).toEqual(NO);
    expect(await identity.verify(await signed({ ...good, iat: NOW_S + 60 }))).toEqual(NO);
  });
});

describe('R7: a token that is wrong gets one uniform answer, never why', () => {
  const cases: Record<string, () => Promise<string> | string> = {
    'another key': () => signed(good, theirs.privateKey),
    'another audience': () => signed({ ...good, aud: 'other' }),
    'another issuer': () => signed({ ...good, iss: 'https://evil.example' }),
    'an issuer by prefix': () => signed({ ...good, iss: `${ISSUER}/` }),
    expired: () => signed({ ...good, exp: NOW_S - 3600 }),
    'not yet valid': () => signed({ ...good, nbf: NOW_S + 3600 }),
    'no expiry': () => signed(without('exp')),
    'no issue time': () => signed(without('iat')),
    'no subject': () => signed(without('sub')),
    'empty subject': () => signed({ ...good, sub: '' }),
    'several audiences and no client': () => signed({ ...without('azp'), aud: ['countersign', 'other'] }),
    'no key id': () => signed(good, ours.privateKey, { kid: undefined }),
    'unknown key id': () => signed(good, ours.privateKey, { kid: 'k2' }),
    'roles as text': () => signed({ ...good, roles: 'admin' }),
    'roles as numbers': () => signed({ ...good, roles: [1] }),
    'alg none': () => new UnsecuredJWT(good).encode(),
    'HS256 with the public key as secret': async () =>
      new SignJWT(good)
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(new TextEncoder().encode(await exportSPKI(ours.publicKey))),
    'a key the token brings itself': async () =>
      signed(good, theirs.privateKey, { jwk: await exportJWK(theirs.publicKey), kid: undefined }),
    'a key address the token brings itself': () => signed(good, theirs.privateKey, { jku: 'https://evil.example/jwks' }),
    empty: () => '',
    'not a token': () => 'Bearer x.y.z',
    oversize: () => signed({ ...good, roles: Array.from({ length: 200 }, () => 'r'.repeat(100)) }),
  };
  test.each(Object.entries(cases))('%s', async (_name, make) => {
    expect(await identity.verify(await make())).toEqual(NO);
  });

  test('any text, and any right token with one character changed', async () => {
    const token = await signed(good);
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await identity.verify(text)).toEqual(NO);
      }),
    );
    const change = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...'ABCabc019-_.'));
    await fc.assert(
      fc.asyncProperty(change, async ([at, to]) => {
        // The last character of a base64url part holds unused bits, so there another letter may be the same bytes.
        fc.pre(token[at] !== to && token[at + 1] !== '.' && at !== token.length - 1);
        expect(await identity.verify(token.slice(0, at) + to + token.slice(at + 1))).toEqual(NO);
      }),
    );
  });
});

test('R7: a subject that is a mail address is refused by name, but only from an issuer who may speak', async () => {
  const claims = { ...good, sub: 'alice@bank.example' };
  expect(await identity.verify(await signed(claims))).toMatchObject({
    ok: false,
    problems: [{ code: 'PERSONAL_DATA', pointer: '/sub' }],
  });
  expect(await identity.verify(await signed(claims, theirs.privateKey))).toEqual(NO);
});

test('keys that cannot be read are a fault that may pass, not a no', async () => {
  const issuer = 'http://127.0.0.1:1';
  const away = createOidcIdentity([{ issuer, audience: 'countersign', rolesClaim: 'roles' }], {
    now: () => instantOf(NOW_S * 1000),
  });
  const fault = await away.verify(await signed({ ...good, iss: issuer })).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(InfrastructureError);
  expect(fault).toMatchObject({ retryable: true });
});

test('RS256 and PS256 issuers work too', async () => {
  for (const alg of ['RS256', 'PS256']) {
    const pair = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'r1', alg };
    const rsa = createOidcIdentity([{ issuer: ISSUER, audience: 'countersign', jwks: { keys: [jwk] }, rolesClaim: 'roles' }], {
      now: () => instantOf(NOW_S * 1000),
    });
    const token = await new SignJWT(good).setProtectedHeader({ alg, kid: 'r1' }).sign(pair.privateKey);
    expect((await rsa.verify(token)).ok).toBe(true);
  }
});

test('R7: an algorithm outside the list is refused even when the issuer itself publishes the key', async () => {
  const pair = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'e1', alg: 'ES384' }] };
  const other = createOidcIdentity([{ issuer: ISSUER, audience: 'countersign', jwks, rolesClaim: 'roles' }], {
    now: () => instantOf(NOW_S * 1000),
  });
  expect(
    await other.verify(await new SignJWT(good).setProtectedHeader({ alg: 'ES384', kid: 'e1' }).sign(pair.privateKey)),
  ).toEqual(NO);
});
