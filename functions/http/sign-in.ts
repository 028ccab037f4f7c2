// Signing in and out of the console, by OpenID Connect only: no route here knows a password or makes a session without a
// token that was checked.
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import type { Clock, Identified, Identity } from '../ports.ts';
import { cookieName } from './cookie-name.ts';
import { cookieOptions, formOf, idDigest, type OidcClient, type Refuse, type Sessions } from './session.ts';

type SignInOptions = {
  readonly client: OidcClient;
  /** Checks ID tokens: its audience is the console's client id, not the API. */
  readonly identity: Identity;
  readonly sessions: Sessions;
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly random: () => string;
  /** The page with the one button, leading to `start`. */
  readonly page: (start: string) => string;
  readonly refuse: Refuse;
};

const PENDING_MS = 10 * 60_000;

const Pending = z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
type Pending = z.infer<typeof Pending>;

export function signInRoutes(options: SignInOptions): Hono {
  const { client, sessions, baseUrl, refuse } = options;
  const nowMs = () => Date.parse(options.clock.now());
  const cookie = cookieOptions(baseUrl);
  // Ties the answer to the browser that asked, or an attacker could sign somebody in as the attacker.
  const name = cookieName('sign_in', baseUrl);
  const app = new Hono();
  app.use(sessions.load);

  app.get('/sign-in', (c) => {
    const next = ownPath(c.req.query('next'));
    return c.html(options.page(`/sign-in/start?next=${encodeURIComponent(next)}`), 200, { 'cache-control': 'no-store' });
  });

  app.get('/sign-in/start', async (c) => {
    const next = ownPath(c.req.query('next'));
    // Cookies belong to one host name: who came by another name for this machine continues under the registered one.
    if (new URL(c.req.url).host !== new URL(baseUrl).host) {
      return c.redirect(`${baseUrl}/sign-in/start?next=${encodeURIComponent(next)}`, 303);
    }
    const { url, ...started } = await client.start();
    const id = options.random();
    const pending: Pending = { ...started, next };
    await sessions.store.put(idDigest('sign-in', id), pending, Math.floor((nowMs() + PENDING_MS) / 1000));
    setCookie(c, name, id, { ...cookie, maxAge: PENDING_MS / 1000 });
    return c.redirect(url, 303);
  });

  app.get('/callback', async (c) => {
    const id = getCookie(c, name);
    const kept = id === undefined ? undefined : await sessions.store.take(idDigest('sign-in', id));
    const asked = kept === undefined ? undefined : Pending.parse(kept);
    deleteCookie(c, name, cookie);
    const person = await personOf(c, asked, options);
    if (!person.ok) return refuse(c, person.problems);
    await sessions.open(c, person.value.identified, person.value.displayName);
    return c.redirect(asked?.next ?? '/', 303);
  });

  app.post('/sign-out', async (c) => {
    const form = await formOf(c, baseUrl);
    if (!form.ok) return refuse(c, form.problems);
    await sessions.close(c);
    // Our session is over already; a provider that cannot be asked must not make it look otherwise.
    const url = await client.signOutUrl(form.value.session.token).catch(() => undefined);
    return c.redirect(url ?? '/sign-in', 303);
  });
  return app;
}

type Person = { readonly identified: Identified; readonly displayName: string };

async function personOf(
  c: Context,
  asked: Pending | undefined,
  { client, identity, baseUrl }: SignInOptions,
): Promise<Result<Person>> {
  const uniform = fail(problem('UNAUTHENTICATED', '', 'the sign-in did not succeed'));
  if (!asked) return uniform;
  const { search } = new URL(c.req.url);
  const answer = await client.finish(new URL(`/callback${search}`, baseUrl), asked);
  if (!answer) return uniform;
  const checked = await identity.verify(answer.idToken);
  if (!checked.ok) return checked;
  if (checked.value.principal.actor.kind !== 'person') return fail(problem('PERSON_ONLY', '', 'a service cannot sign in here'));
  return ok({ identified: checked.value, displayName: answer.displayName ?? checked.value.principal.actor.sub });
}

/** Only a path of ours: anything else would let a link of theirs end on a page of theirs after our sign-in. */
function ownPath(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[^\\\s]*$/.test(next) ? next : '/';
}
