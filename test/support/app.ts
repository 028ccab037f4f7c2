// The app over a test's own store, without server and provider: who is at the browser, or holds a token, is what the test says.
import type { Context } from 'hono';
import { fail, problem } from '../../functions/domain/result.ts';
import { type AppWorld, createApp } from '../../functions/http/app.ts';
import { sessionsInMemory } from '../../functions/http/session-store.ts';
import type { Identified } from '../../functions/ports.ts';
import { signedInNow, type TestWorld } from './world.ts';

const BASE = 'http://127.0.0.1:1';
const CSRF = 'c'.repeat(43);

export type TestApp = {
  /** As a person's browser; `then`: with the sign-in that the person has, else with one of this moment. */
  readonly as: (
    person: Identified,
    signedIn?: 'now' | 'then',
  ) => {
    readonly get: (path: string, accept?: string) => Promise<Response>;
    readonly post: (path: string, form?: Readonly<Record<string, string>>, csrf?: string, accept?: string) => Promise<Response>;
  };
  /** With a bearer token. */
  readonly by: (caller: Identified, path: string, body?: unknown) => Promise<Response>;
  /** Anything else; `headersOf` says who asks. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  readonly headersOf: (caller: Identified) => { readonly bearer: HeadersOf; readonly session: HeadersOf };
  readonly csrf: string;
  /** For a real server around it. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly routes: readonly { readonly method: string; readonly path: string }[];
};

type HeadersOf = Readonly<Record<string, string>>;

export function appOf(world: TestWorld, more: Partial<AppWorld> = {}): TestApp {
  const people = new Map<string, Identified>();
  const app = createApp({
    ...world,
    erasable: { keep: async () => undefined, erase: async () => undefined },
    identity: {
      verify: async (token) => {
        const found = people.get(token);
        return found ? { ok: true, value: found } : fail(problem('UNAUTHENTICATED', '', 'no'));
      },
    },
    gates: new Map(),
    baseUrl: BASE,
    random: () => 'r'.repeat(43),
    sessions: {
      load: async (c: Context, next) => {
        const person = people.get(c.req.header('x-person') ?? '');
        c.set('session', person && { ...person, displayName: 'Somebody', csrf: CSRF });
        await next();
      },
      open: async (_c, identified, displayName) => ({ ...identified, displayName, csrf: CSRF }),
      close: async () => undefined,
      store: sessionsInMemory(() => 0, 10),
    },
    log: () => undefined,
    milliseconds: () => 0,
    ...more,
  });
  const known = (one: Identified): string => {
    people.set(one.principal.actor.sub, one);
    return one.principal.actor.sub;
  };
  const seen = (person: Identified, signedIn: 'now' | 'then') => (signedIn === 'now' ? signedInNow(world, person) : person);
  return {
    as: (person, signedIn = 'now') => ({
      get: async (path, accept = 'text/html') =>
        app.request(BASE + path, { headers: { 'x-person': known(seen(person, signedIn)), accept } }),
      post: async (path, form = {}, csrf = CSRF, accept = 'application/json') =>
        app.request(BASE + path, {
          method: 'POST',
          headers: { 'x-person': known(seen(person, signedIn)), origin: BASE, accept },
          body: new URLSearchParams({ ...form, csrf }),
        }),
    }),
    by: async (caller, path, body) =>
      app.request(BASE + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${known(caller)}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    ask: async (path, init) => app.request(BASE + path, init),
    headersOf: (caller) => ({
      bearer: { authorization: `Bearer ${known(caller)}` },
      session: { 'x-person': known(caller), origin: BASE, accept: 'application/json' },
    }),
    csrf: CSRF,
    fetch: (request) => app.fetch(request),
    routes: app.routes,
  };
}
