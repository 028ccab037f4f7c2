// Who is at the browser. Nothing of a session is evidence.
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { Actor, Auth, handleOf } from '../domain/actor.ts';
import { type Digest, digestOf } from '../domain/digest.ts';
import { fail, ok, type Problem, problem, type Result } from '../domain/result.ts';
import type { Clock, Identified } from '../ports.ts';
import { cookieName } from './cookie-name.ts';
import type { Viewer } from './pages/layout.ts';
import { type SessionStore, sessionsInMemory } from './session-store.ts';

export type Session = Identified & {
  /** For the page's corner only. Names never enter the vault. */
  readonly displayName: string;
  /** Stands in every form of ours, so that another site's form is told apart. */
  readonly csrf: string;
};

/** What must come back with the browser, kept on our side meanwhile. */
type SignInStarted = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** An OpenID client. `finish` answers undefined when what came back does not answer what was asked. */
export interface OidcClient {
  start(): Promise<SignInStarted & { readonly url: string }>;
  finish(
    callback: URL,
    started: SignInStarted,
  ): Promise<{ readonly idToken: string; readonly displayName?: string } | undefined>;
  signOutUrl(idToken: string): Promise<string | undefined>;
}

export type Refuse = (c: Context, problems: readonly Problem[]) => Response | Promise<Response>;

type SessionOptions = {
  /** Origin of the console, `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** Unguessable text, at least 256 bits. */
  readonly random: () => string;
  readonly maxMinutes?: number;
  readonly limit?: number;
  /** Absent: in this process. */
  readonly store?: SessionStore;
};

/** As it is kept: whatever store it is, it holds text. */
const Kept = z.strictObject({
  principal: z.strictObject({ actor: Actor, auth: Auth }),
  jwk: z.base64(),
  token: z.string(),
  displayName: z.string(),
  csrf: z.string(),
});

export const cookieOptions = (baseUrl: string) =>
  ({ httpOnly: true, sameSite: 'Lax', path: '/', secure: new URL(baseUrl).protocol === 'https:' }) as const;

export type Sessions = {
  /** Finds the session of each request; the rest of this file reads it there. */
  readonly load: MiddlewareHandler;
  open(c: Context, identified: Identified, displayName: string): Promise<Session>;
  close(c: Context): Promise<void>;
  /** For what is kept beside the sessions, until somebody is one. */
  readonly store: SessionStore;
};

/** What is kept for one purpose is not found for the other. */
export const idDigest = (what: 'session' | 'sign-in', id: string): Digest => digestOf(`${what}/v1 ${id}`);

export function createSessions(options: SessionOptions): Sessions {
  const nowMs = () => Date.parse(options.clock.now());
  const store = options.store ?? sessionsInMemory(nowMs, options.limit ?? 1000);
  const maxMs = (options.maxMinutes ?? 8 * 60) * 60_000;
  const cookie = cookieOptions(options.baseUrl);
  const name = cookieName('session', options.baseUrl);

  const close = async (c: Context) => {
    const id = getCookie(c, name);
    if (id !== undefined) await store.take(idDigest('session', id));
    deleteCookie(c, name, cookie);
  };
  return {
    store,
    load: async (c, next) => {
      const id = getCookie(c, name);
      const kept = id === undefined ? undefined : await store.get(idDigest('session', id));
      c.set('session', kept === undefined ? undefined : sessionIn(kept));
      await next();
    },
    open: async (c, identified, displayName) => {
      await close(c);
      const session: Session = { ...identified, displayName, csrf: options.random() };
      // A fresh id at each sign-in: an id that somebody planted beforehand never becomes a session. It ends with the token,
      // so that no vote names a proof that had already expired.
      const id = options.random();
      const until = Math.min(Math.floor((nowMs() + maxMs) / 1000), identified.principal.auth.exp);
      const body: z.infer<typeof Kept> = { ...session, jwk: Buffer.from(session.jwk).toString('base64') };
      await store.put(idDigest('session', id), body, until);
      setCookie(c, name, id, cookie);
      return session;
    },
    close,
  };
}

function sessionIn(kept: unknown): Session {
  const { jwk, ...session } = Kept.parse(kept);
  return { ...session, jwk: new Uint8Array(Buffer.from(jwk, 'base64')) };
}

export function sessionOf(c: Context): Session | undefined {
  return c.get('session') as Session | undefined;
}

export const viewerOf = ({ displayName, principal, csrf }: Session): Viewer => ({
  displayName,
  handle: handleOf(principal.actor),
  csrf,
});

const NOT_SIGNED_IN = problem('UNAUTHENTICATED', '', 'not signed in');

/** Lets only signed-in people through. A page that is read leads to the sign-in and back; all else is refused. */
export const requirePerson =
  (refuse: Refuse): MiddlewareHandler =>
  async (c, next) => {
    if (sessionOf(c)) return next();
    const page = c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html');
    if (!page) return refuse(c, [NOT_SIGNED_IN]);
    const { pathname, search } = new URL(c.req.url);
    return c.redirect(`/sign-in?next=${encodeURIComponent(pathname + search)}`, 303);
  };

export type Form = Readonly<Record<string, string | File>>;

/** Browsers write `Origin: null` under some referrer policies; then Sec-Fetch-Site, which no page can forge, decides. */
export function isOurs(c: Context, baseUrl: string): boolean {
  const origin = c.req.header('origin') ?? 'null';
  return origin === new URL(baseUrl).origin || (origin === 'null' && c.req.header('sec-fetch-site') === 'same-origin');
}

/** A form that changes something must come from our own page: same origin, and the session's own token in field `csrf`. */
export async function formOf(c: Context, baseUrl: string): Promise<Result<{ readonly session: Session; readonly form: Form }>> {
  const session = sessionOf(c);
  if (!session) return fail(NOT_SIGNED_IN);
  if (!isOurs(c, baseUrl)) return fail(problem('FORM_NOT_OURS', '', 'sent from another site'));
  const form = await c.req.parseBody();
  const sent = form['csrf'];
  // Digests are compared, so that the time taken tells nothing of the token.
  if (typeof sent !== 'string' || digestOf(sent) !== digestOf(session.csrf)) {
    return fail(problem('FORM_NOT_OURS', '/csrf', "not this session's token"));
  }
  return ok({ session, form: form as Form });
}
