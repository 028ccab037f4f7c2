// The app without a server: before the start, and with a store that does not answer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { fail, problem } from '../../../functions/domain/result.ts';
import { createApp, type LogEntry } from '../../../functions/http/app.ts';
import { createSessions } from '../../../functions/http/session.ts';
import type { Index } from '../../../functions/ports.ts';
import { openWorld, PIPELINE, type TestWorld } from '../../support/world.ts';

const BASE = 'http://127.0.0.1:1';
const NOTHING = `sha256:${'0'.repeat(64)}`;

let world: TestWorld;
beforeAll(async () => {
  world = await openWorld({ begun: false });
});
afterAll(() => world.close());

function appWith(index: Index = world.index) {
  const logs: LogEntry[] = [];
  const app = createApp({
    ...world,
    index,
    erasable: { keep: async () => undefined, erase: async () => undefined },
    identity: {
      verify: async (token) => (token === 'good' ? { ok: true, value: PIPELINE } : fail(problem('UNAUTHENTICATED', '', 'no'))),
    },
    gates: new Map(),
    baseUrl: BASE,
    random: () => 'r'.repeat(43),
    sessions: createSessions({ baseUrl: BASE, clock: world.clock, random: () => 'r'.repeat(43) }),
    log: (entry) => void logs.push(entry),
    milliseconds: () => 0,
  });
  const ask = (path: string, init: RequestInit = {}) =>
    app.request(`${BASE}${path}`, { headers: { authorization: 'Bearer good' }, ...init });
  return { ask, logs };
}
const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code];

describe('R20 before the start', () => {
  it('is alive and not ready, has no policy and takes no request', async () => {
    const { ask } = appWith();
    expect((await ask('/healthz')).status).toBe(200);
    expect(await codeOf(await ask('/readyz'))).toEqual([503, 'NOT_INITIALISED']);
    expect(await codeOf(await ask('/policy'))).toEqual([503, 'NOT_INITIALISED']);
  });

  it('signs nobody in when no provider is configured', async () => {
    const { ask } = appWith();
    expect((await ask('/sign-in')).status).toBe(404);
    expect((await ask('/', { headers: { accept: 'text/html' } })).status).toBe(303);
  });
});

describe('the log', () => {
  it('R7 keeps our own words and ids of a path, and nothing that a caller chose', async () => {
    const { ask, logs } = appWith();
    const id = `req-${'a'.repeat(26)}`;
    const chosen = ['/alice.smith', '/requests/alice@bank.example', `/requests/${id}/status`, `/x/${'y'.repeat(5000)}`];
    for (const path of [...chosen, '/lines/alice/sandbox/baselines', '/gate/sandbox', '/readyz']) await ask(path);
    expect(logs.map((entry) => entry['path'])).toEqual([
      '/…',
      '/requests/…',
      `/requests/${id}/status`,
      '/…/…',
      '/lines/…/…/baselines',
      '/gate/…',
      '/readyz',
    ]);
  });
});

describe('R23 a store that does not answer', () => {
  const broken = (error: Error): Index => ({
    get: () => Promise.reject(error),
    list: () => Promise.reject(error),
    commit: () => Promise.reject(error),
  });
  const routes = [
    `/requests/req-${'a'.repeat(26)}/status`,
    `/events/${NOTHING}/envelope`,
    '/lines/x/sandbox/baselines',
    '/policy',
    '/readyz',
  ];

  it.each(routes)('%s: 503 cannot tell, and the reason only in the log', async (path) => {
    const { ask, logs } = appWith(broken(new InfrastructureError('disk /dev/secret is gone', { retryable: true })));
    const response = await ask(path);
    const text = await response.clone().text();
    expect(await codeOf(response)).toEqual([503, 'CANNOT_TELL']);
    expect(text).not.toMatch(/secret|\.ts:/);
    expect(logs.some((entry) => entry['level'] === 'error' && String(entry['error']).includes('/dev/secret'))).toBe(true);
  });

  it('a bug is 500 and says nothing of itself', async () => {
    const { ask } = appWith(broken(new TypeError('secret is undefined')));
    const response = await ask('/policy');
    expect(await response.clone().text()).not.toMatch(/secret|\.ts:/);
    expect(await codeOf(response)).toEqual([500, 'INTERNAL']);
  });

  it('the gate has its own answer: it cannot tell', async () => {
    const { ask } = appWith(broken(new InfrastructureError('gone', { retryable: true })));
    const response = await ask(`/gate/sandbox?event=${NOTHING}&root=${NOTHING}&manifest=${NOTHING}&line=any`);
    expect([response.status, await response.json()]).toMatchObject([503, { verdict: 'unknown' }]);
  });
});
