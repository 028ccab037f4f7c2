import { request } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { browser, firstForm, signIn } from '../../../cli/demo/sign-in.ts';
import { SAMPLE_ACR } from '../../../functions/adapters/local/login-page.ts';
import { SAMPLE_PEOPLE } from '../../../functions/adapters/local/sample-people.ts';
import { cookieName } from '../../../functions/http/cookie-name.ts';
import type { OidcClient, Session } from '../../../functions/http/session.ts';
import { cookieOptions } from '../../../functions/http/session.ts';
import { type Console, startConsole } from './console.ts';

let at: Console;
const printed = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'info'), vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];

beforeAll(async () => {
  at = await startConsole();
});
afterAll(async () => {
  await at.stop();
  expect(at.faults).toEqual([]);
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});

const get = (path: string, cookie = '', accept = 'application/json') =>
  fetch(at.baseUrl + path, { headers: { cookie, accept }, redirect: 'manual' });
const who = async (cookie: string) => (await (await get('/who', cookie)).json()) as Session;
const password = (name: string) => `sample-password-${name}`;

describe('the right password', () => {
  test.each(SAMPLE_PEOPLE.map((one) => [one.username, one] as const))(
    'R7a: signs %s in with the roles held at that moment',
    async (name, person) => {
      const session = await who(await signIn(at.baseUrl, name, person.password));
      expect(session.principal.actor).toEqual({ kind: 'person', iss: at.issuer, sub: person.sub });
      expect(session.principal.auth).toMatchObject({
        roles: person.roles,
        acr: SAMPLE_ACR,
        amr: ['pwd'],
        aud: 'countersign-console',
      });
      expect(session.displayName).toBe(person.name);
    },
  );

  test('R7b: the ID token kept as evidence names provider, session, method and time itself', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { token, principal } = await who(await signIn(at.baseUrl, 'alice', password('alice')));
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ iss: at.issuer, sub: principal.actor.sub, acr: SAMPLE_ACR, amr: ['pwd'] });
    expect(claims['sid']).toEqual(expect.any(String));
    expect(claims['auth_time']).toBeGreaterThanOrEqual(before);
    expect(principal.auth.authTime).toBe(claims['auth_time']);
  });
});

describe('R7: nobody gets in without it', () => {
  test.each([
    ['a wrong password', 'alice', 'sample-password-bob'],
    ['no password', 'alice', ''],
    ['an unknown name', 'nobody', 'sample-password-nobody'],
    ['a name of the language', '__proto__', 'x'],
  ])('%s', async (_case, name, secret) => {
    await expect(signIn(at.baseUrl, name, secret)).rejects.toThrow('could not sign in (401)');
  });

  test('wrong name and wrong password read the same', async () => {
    const pages = await Promise.all(
      [
        ['bob', 'wrong'],
        ['nobody', 'wrong'],
      ].map(([name = '', secret = '']) => failurePage(name, secret)),
    );
    expect(pages[0]).toContain('did not work');
    expect(pages[0]).toBe(pages[1]);
  });

  test('after five failures even the right password waits a minute', async () => {
    for (let i = 0; i < 5; i++) await expect(signIn(at.baseUrl, 'mallory', 'wrong')).rejects.toThrow();
    await expect(signIn(at.baseUrl, 'mallory', password('mallory'))).rejects.toThrow('401');
    at.skip(61_000);
    await expect(signIn(at.baseUrl, 'mallory', password('mallory'))).resolves.toContain('countersign_session=');
    at.skip(-61_000);
  });

  test('a page asks for the sign-in and comes back, anything else is 401', async () => {
    const page = await get('/who?a=b', '', 'text/html');
    expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fwho%3Fa%3Db']);
    expect(await (await get('/who')).json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await get('/who', 'countersign_session=guess')).status).toBe(401);
  });

  test('an answer nobody asked for, or with another state, opens no session', async () => {
    expect((await get('/callback?code=x&state=y')).status).toBe(401);
    const start = await get('/sign-in/start');
    const cookie = cookieOf(start, 'countersign_sign_in');
    const answer = await get(`/callback?code=x&state=forged&iss=${encodeURIComponent(at.issuer)}`, cookie);
    expect(answer.status).toBe(401);
    expect(answer.headers.getSetCookie().join()).not.toContain('countersign_session');
  });

  test('each sign-in asks for the password again, whoever is still signed in', async () => {
    const url = new URL((await get('/sign-in/start')).headers.get('location') ?? '');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      prompt: 'login',
      max_age: '600',
      code_challenge_method: 'S256',
      response_type: 'code',
    });
  });

  test('an implicit flow, a missing PKCE challenge and a foreign redirect are not served', async () => {
    const base = {
      client_id: 'countersign-console',
      scope: 'openid',
      redirect_uri: `${at.baseUrl}/callback`,
      nonce: 'n',
      state: 's',
    };
    const ask = async (extra: object) => {
      const reply = await get(`/idp/auth?${new URLSearchParams({ ...base, ...extra })}`);
      return `${reply.status} ${reply.headers.get('location') ?? ''}`;
    };
    expect(await ask({ response_type: 'id_token' })).not.toContain('/interaction/');
    expect(await ask({ response_type: 'code' })).toContain('error=invalid_request');
    const pkce = { response_type: 'code', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' };
    expect(await ask({ ...pkce, redirect_uri: 'https://evil.example/' })).toMatch(/^400 $/);
    expect(await ask(pkce)).toContain('/interaction/');
  });

  test('a login form belongs to one browser', async () => {
    const start = (await get('/sign-in/start')).headers.get('location') ?? '';
    const form = (await fetch(start, { redirect: 'manual' })).headers.get('location') ?? '';
    const stranger = await fetch(form, {
      method: 'POST',
      body: new URLSearchParams({ username: 'alice', password: password('alice') }),
    });
    expect(stranger.status).toBe(400);
    expect(stranger.headers.getSetCookie()).toEqual([]);
  });

  test('the cookie of one sign-in does not open the form of another', async () => {
    const mine = await begin();
    const others = await begin();
    const fields = { username: 'alice', password: password('alice') };
    const crossed = await submit(others.form, mine.cookie, fields);
    expect(crossed.status).toBe(400);
    expect((await submit(mine.form, mine.cookie, fields)).status).toBe(303);
  });

  test('who comes by another name of this machine continues under the registered one', async () => {
    const { port } = new URL(at.baseUrl);
    const location = await new Promise<string | undefined>((resolve) => {
      const options = { host: '127.0.0.1', port, path: '/sign-in/start?next=/x', headers: { host: `localhost:${port}` } };
      request(options, (reply) => resolve(reply.resume().headers.location)).end();
    });
    expect(location).toBe(`${at.baseUrl}/sign-in/start?next=%2Fx`);
  });

  test('the provider answers to its own loopback name only', async () => {
    const port = new URL(at.baseUrl).port;
    expect((await fetch(`http://localhost:${port}/idp/jwks`).catch(() => ({ status: 403 }))).status).toBe(403);
  });
});

describe('sessions', () => {
  test('a planted session id never becomes a session, and each sign-in has a new one', async () => {
    const planted = 'countersign_session=planted-by-somebody';
    const first = await signIn(at.baseUrl, 'alice', password('alice'));
    const second = await signIn(at.baseUrl, 'alice', password('alice'));
    expect(new Set([planted, first, second]).size).toBe(3);
    expect((await get('/who', planted)).status).toBe(401);
  });

  test('signing in again from a signed-in browser changes the id and ends the old session', async () => {
    const old = await signIn(at.baseUrl, 'alice', password('alice'));
    const next = await signIn(at.baseUrl, 'bob', password('bob'), old);
    expect(next).not.toBe(old);
    expect((await who(next)).displayName).toBe('Bob Sample');
    expect((await get('/who', old)).status).toBe(401);
  });

  test('R7: a session ends with its token', async () => {
    const cookie = await signIn(at.baseUrl, 'alice', password('alice'));
    at.skip(3599_000);
    expect((await get('/who', cookie)).status).toBe(200);
    at.skip(2_000);
    expect((await get('/who', cookie)).status).toBe(401);
    at.skip(-3601_000);
  });

  test('the cookie is out of reach of scripts and other sites', async () => {
    const start = await get('/sign-in/start');
    expect(start.headers.getSetCookie().join()).toMatch(/HttpOnly.*SameSite=Lax/);
  });

  test('a link cannot make the sign-in end on another site', async () => {
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      expect(await (await get(`/sign-in?next=${encodeURIComponent(next)}`)).text()).toContain('next=%2F"');
    }
  });
});

describe('forms', () => {
  const post = (path: string, cookie: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(at.baseUrl + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, ...headers },
      body: new URLSearchParams(fields),
    });

  test('R7: only a form of our own page, with the token of its own session, does anything', async () => {
    const cookie = await signIn(at.baseUrl, 'alice', password('alice'));
    const { csrf } = await who(cookie);
    const other = await who(await signIn(at.baseUrl, 'bob', password('bob')));
    const ours = { origin: at.baseUrl };
    const code = async (reply: Response) => ((await reply.json()) as { code?: string }).code;
    expect(await code(await post('/act', cookie, {}, ours))).toBe('FORM_NOT_OURS');
    expect(await code(await post('/act', cookie, { csrf: other.csrf }, ours))).toBe('FORM_NOT_OURS');
    expect(await code(await post('/act', cookie, { csrf }, { origin: 'https://evil.example' }))).toBe('FORM_NOT_OURS');
    expect(await code(await post('/act', cookie, { csrf }))).toBe('FORM_NOT_OURS');
    expect(await code(await post('/act', cookie, { csrf }, { origin: 'null', 'sec-fetch-site': 'cross-site' }))).toBe(
      'FORM_NOT_OURS',
    );
    expect(await code(await post('/act', '', { csrf }, ours))).toBe('UNAUTHENTICATED');
    expect(await (await post('/act', cookie, { csrf, a: 'b' }, ours)).json()).toEqual({ csrf, a: 'b' });
    expect((await post('/act', cookie, { csrf }, { origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('signing out needs the form, ends our session and leads to the end of the provider’s', async () => {
    const cookie = await signIn(at.baseUrl, 'alice', password('alice'));
    const { csrf } = await who(cookie);
    expect((await post('/sign-out', cookie, {}, { origin: at.baseUrl })).status).toBe(403);
    expect((await get('/who', cookie)).status).toBe(200);
    const out = await post('/sign-out', cookie, { csrf }, { origin: at.baseUrl });
    expect((await get('/who', cookie)).status).toBe(401);
    const end = await fetch(out.headers.get('location') ?? '');
    expect([end.status, end.url.startsWith(`${at.issuer}/session/end`)]).toEqual([200, true]);
  });
});

test('one browser: sign in, change person without signing out, sign out here and at the provider', async () => {
  const { load, cookies } = browser(at.baseUrl);
  const press = async (page: { response: Response; url: URL }, fields: Record<string, string>) => {
    const form = firstForm(await page.response.text());
    return load(new URL(form?.action ?? '', page.url).href, { ...form?.fields, ...fields });
  };
  const login = async (name: string) => {
    const page = await load('/sign-in/start?next=/who');
    return press(page, { username: name, password: password(name) });
  };
  expect(await (await login('alice')).response.json()).toMatchObject({ displayName: 'Alice Sample' });
  // The provider ends its session of the other person first; browsers submit this page by themselves.
  const changed = await press(await login('bob'), {});
  const { csrf, displayName } = (await changed.response.json()) as Session;
  expect(displayName).toBe('Bob Sample');
  expect(cookies.get('_session')).toBeDefined();
  const asked = await load('/sign-out', { csrf });
  const end = await press(asked, { logout: 'yes' });
  expect(end.url.pathname).toBe('/sign-in');
  expect([cookies.get('_session'), cookies.get('countersign_session')]).toEqual([undefined, undefined]);
});

test('R7: an ID token with another nonce, or for another verifier, opens no session', async () => {
  const forge =
    (change: Partial<{ state: string; nonce: string; verifier: string }>) =>
    (client: OidcClient): OidcClient => ({
      ...client,
      start: async () => ({ ...(await client.start()), ...change }),
    });
  for (const change of [{ nonce: 'n'.repeat(43) }, { verifier: 'v'.repeat(43) }, { state: 's'.repeat(43) }]) {
    const other = await startConsole(forge(change));
    await expect(signIn(other.baseUrl, 'alice', password('alice'))).rejects.toThrow('could not sign in (401)');
    await other.stop();
  }
});

function cookieOf(response: Response, name: string): string {
  return (
    response.headers
      .getSetCookie()
      .find((line) => line.startsWith(`${name}=`))
      ?.split(';')[0] ?? ''
  );
}

/** Asks for a sign-in and goes as far as the login form. */
async function begin(cookies = ''): Promise<{ form: string; cookie: string }> {
  const start = (await get('/sign-in/start')).headers.get('location') ?? '';
  const begun = await fetch(start, { redirect: 'manual', headers: { cookie: cookies } });
  const cookie = begun.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { form: begun.headers.get('location') ?? '', cookie: cookie.join('; ') };
}

const submit = (form: string, cookie: string, fields: Record<string, string>) =>
  fetch(form, { method: 'POST', redirect: 'manual', headers: { cookie }, body: new URLSearchParams(fields) });

async function failurePage(username: string, secret: string): Promise<string> {
  const { form, cookie } = await begin();
  return (await submit(form, cookie, { username, password: secret })).text();
}

test('R7: over TLS the cookie is bound to this very host, so that a neighbour cannot plant one', () => {
  expect(cookieName('session', 'https://countersign.bank.example')).toBe('__Host-countersign_session');
  expect(cookieName('session', 'http://127.0.0.1:7433')).toBe('countersign_session');
  // What the prefix asks for (RFC 6265bis): else the browser drops the cookie.
  expect(cookieOptions('https://countersign.bank.example')).toMatchObject({ secure: true, path: '/' });
});
