// Drift and suspension over the real server: a monitor's token, an owner's browser, the command.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceToken } from '../../cli/commands/context.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { countersign } from '../support/command.ts';
import { EXAMPLE } from '../support/promote.ts';
import { approved, hidden, serviceEnvironment, startTestServer, type TestServer } from '../support/server.ts';

const FIRST = 'scenarios/01-in-band-retrain/1-v01.yaml';
const RETRAIN = 'scenarios/01-in-band-retrain/2-v02.yaml';
const LINE = 'german-credit-01-in-band-retrain';
const PAGE = `/lines/${LINE}/sandbox`;
const REPORT = new TextEncoder().encode('what the monitor saw in June');

let server: TestServer;
let active: string;
let monitor: string;

beforeAll(async () => {
  server = await startTestServer();
  active = (await approved(server, FIRST)).status.eventHash ?? '';
  const service = SAMPLE_SERVICES.find(({ roles }) => roles.includes('monitoring'));
  monitor = await serviceToken(`${server.baseUrl}/idp`, service?.clientId ?? '', service?.secret ?? '');
});
afterAll(() => server.stop());

const call = (path: string, token: string, init: RequestInit = {}) =>
  fetch(server.baseUrl + path, { redirect: 'manual', ...init, headers: { authorization: `Bearer ${token}` } });

const finding = () => ({
  schema: 'drift-finding/v0',
  line: LINE,
  environment: 'sandbox',
  event: active,
  measured: [{ what: 'score', psi: '0.180000', n: 1200, window: { from: '2026-06-01', to: '2026-06-30' } }],
  report: digestOf(REPORT),
});
const report = (body: object, token = monitor) =>
  call('/drift-findings', token, { method: 'POST', body: Buffer.from(canonicalBytes(body)) });

async function told(response: Response): Promise<unknown> {
  return { status: response.status, ...((await response.json()) as object) };
}
const status = async () => (await (await call(PAGE, server.token)).json()) as Record<string, unknown>;

describe('R38 a monitor reports drift', () => {
  let event: string;

  it('with its own token, after its report was uploaded; again it is the same record', async () => {
    expect(await told(await report(finding()))).toMatchObject({ status: 422, code: 'BYTES_MISSING' });
    await call(`/blobs/${digestOf(REPORT)}`, monitor, { method: 'PUT', body: Buffer.from(REPORT) });
    expect(await told(await report(finding(), server.token))).toMatchObject({ status: 403, code: 'NOT_YOURS' });
    const sealed = (await told(await report(finding()))) as { event: string };
    expect(sealed).toMatchObject({ status: 201, repeated: false });
    ({ event } = sealed);
    expect(await told(await report(finding()))).toEqual({ status: 200, event, repeated: true });
    await server.restart();
    expect(await told(await report(finding()))).toEqual({ status: 200, event, repeated: true });
  });

  it('nobody reports without a token, and junk is told what is wrong with it', async () => {
    expect((await fetch(`${server.baseUrl}/drift-findings`, { method: 'POST', body: '{}' })).status).toBe(401);
    for (const body of [[], { schema: 'drift-finding/v0' }, { ...finding(), measured: 'none' }])
      expect((await report(body)).status).toBe(422);
    expect((await report({ ...finding(), pad: 'x'.repeat(300_000) })).status).toBe(413);
  });

  it('pipelines are told by the baselines, people by the page, everybody by the command', async () => {
    const baselines = await (await call(`${PAGE}/baselines`, server.token)).json();
    expect(baselines).toMatchObject({ standing: [event], answerable: [event] });
    expect(await status()).toMatchObject({ incumbent: active, suspended: null, standing: [{ event, watched: active }] });
    const html = await (await (await server.as('dave')).get(PAGE)).text();
    expect(html).toContain(event);
    expect(html).toContain('PSI 0.180000 on 1200 rows');
    const env = serviceEnvironment(server.baseUrl);
    const line = await countersign(['line', LINE, '--environment', 'sandbox'], env);
    expect([line.exit, line.out]).toEqual([0, expect.stringContaining(`not answered: ${event}`)]);
    expect(line.out).toContain('the drift below sends the next promotion to people');
    const shown = await countersign(['show', event, '--json'], env);
    expect([shown.exit, JSON.parse(shown.out)]).toMatchObject([0, { predicate: { kind: 'driftFinding', event: active } }]);
  });

  it('plan says who will be asked, and that naming it is what ends it', async () => {
    const env = serviceEnvironment(server.baseUrl);
    const args = ['plan', EXAMPLE, '--manifest', RETRAIN, '--answers', event, '--json'];
    const planned = JSON.parse((await countersign(args, env)).out);
    expect(planned.routing.path).toBe('reviewer');
    expect(planned.diff.history.figures.standing.drift).toMatchObject([{ event, answered: true }]);
    const wrong = await countersign([...args.slice(0, 5), 'june', '--json'], env);
    expect([wrong.exit, wrong.err]).toEqual([1, expect.stringContaining('--answers')]);
  });
});

describe('R33 the owner of record suspends and resumes', () => {
  const env = async (person: string) => {
    const { cookie } = await server.as(person);
    return { COUNTERSIGN_SERVER: server.baseUrl, COUNTERSIGN_SESSION: cookie.split('=')[1] ?? '' };
  };
  const say = async (command: string, person: string) =>
    countersign([command, LINE, '--environment', 'sandbox', '--reason', 'Complaints nobody can explain'], await env(person));

  it('by the command, with the session of a person', async () => {
    const nobody = await countersign([
      'suspend',
      LINE,
      '--environment',
      'sandbox',
      '--reason',
      'Complaints nobody can explain',
    ]);
    expect([nobody.exit, nobody.err]).toEqual([4, expect.stringContaining('owner of record')]);
    expect(await say('suspend', 'dave')).toMatchObject({ exit: 2, err: expect.stringContaining('NOT_YOURS') });
    const done = await say('suspend', 'olivia');
    expect([done.exit, done.out]).toEqual([0, expect.stringMatching(/suspended: sha256:[0-9a-f]{64}/)]);
    expect(done.out).toContain(String((await status())['suspended']));
    const looked = await countersign(['line', LINE, '--environment', 'sandbox'], await env('olivia'));
    expect([looked.exit, looked.out], 'who may do it may look at it').toEqual([0, expect.stringContaining('SUSPENDED')]);
  });

  it('on the page, where only the owner has the form', async () => {
    const dave = await (await (await server.as('dave')).get(PAGE)).text();
    expect(dave).toContain('You cannot do this');
    expect(dave).not.toContain('name="reason"');
    const owner = await server.as('olivia');
    const html = await (await owner.get(PAGE)).text();
    expect(html).toContain('Complaints nobody can explain');
    const form = { csrf: hidden(html, 'csrf'), state: hidden(html, 'state'), reason: 'The complaints were about another line' };
    expect((await owner.post(`${PAGE}/suspension`, { ...form, csrf: 'x' })).status).toBe(403);
    expect((await owner.post(`${PAGE}/suspension`, { ...form, reason: 'no' })).status).toBe(422);
    const resumed = await owner.post(`${PAGE}/suspension`, form);
    expect(resumed.status).toBe(201);
    expect(await status()).toMatchObject({ suspended: null });
  });

  it('a token of a service opens neither', async () => {
    const body = new URLSearchParams({ state: 'suspended', reason: 'A script thought so' });
    const sent = await call(`${PAGE}/suspension`, server.token, { method: 'POST', body });
    expect(sent.status).toBe(401);
    expect((await fetch(server.baseUrl + PAGE)).status).toBe(401);
    expect((await call('/lines/nobody/sandbox', server.token)).status).toBe(404);
  });
});
