// Every route of the real server, with good input and bad.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../cli/commands/plan.ts';
import { settled } from '../../cli/commands/status.ts';
import { paths } from '../../cli/embedded.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { pageHeaders, screenHeaders } from '../../functions/http/pages/headers.ts';
import { EXAMPLE } from '../support/promote.ts';
import { type Announced, approved, hidden, startTestServer, type TestServer } from '../support/server.ts';

const FIRST = 'scenarios/12-no-incumbent/1-v01.yaml';
const OTHER = 'scenarios/01-in-band-retrain/1-v01.yaml';
const RETRAIN = 'scenarios/01-in-band-retrain/2-v02.yaml';
const NOBODY = `req-${'a'.repeat(26)}`;
const NOTHING = `sha256:${'0'.repeat(64)}`;

let server: TestServer;
/** One that was approved by its committee, and one that waits for votes. */
let sealed: Announced;
let waiting: Announced;

beforeAll(async () => {
  server = await startTestServer();
  sealed = await approved(server, FIRST);
  waiting = await server.announced(OTHER);
});
afterAll(() => server.stop());

const raw = (path: string, init: RequestInit = {}) => fetch(server.baseUrl + path, { redirect: 'manual', ...init });
const bearer = (token = server.token) => ({ authorization: `Bearer ${token}` });
const post = (body: string | Buffer, token = server.token) =>
  raw('/requests', { method: 'POST', headers: bearer(token), body });

type Details = { status: number; code: string; detail: string; problems: { code: string; pointer: string; detail: string }[] };
async function problem(response: Response): Promise<Details> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Details;
  expect(body.status).toBe(response.status);
  return body;
}
const told = async (response: Response) => (await problem(response)).problems.map((one) => `${one.code} ${one.pointer}`);

describe('who may call', () => {
  const routes: [string, string][] = [
    ['GET', '/lines/x/sandbox/baselines'],
    ['HEAD', `/blobs/${NOTHING}`],
    ['PUT', `/blobs/${NOTHING}`],
    ['POST', '/requests'],
    ['GET', `/requests/${NOBODY}/status`],
    ['POST', `/requests/${NOBODY}/withdraw`],
    ['GET', `/events/${NOTHING}/envelope`],
    ['GET', `/events/${NOTHING}/files`],
    ['GET', `/vault/blobs/${'0'.repeat(64)}`],
    ['GET', '/'],
    ['GET', `/requests/${NOBODY}`],
    ['GET', `/requests/${NOBODY}/screen`],
    ['GET', `/requests/${NOBODY}/receipt`],
    ['POST', `/requests/${NOBODY}/rationale`],
    ['POST', `/requests/${NOBODY}/votes`],
    ['GET', `/events/${NOTHING}`],
  ];
  it.each(routes)('%s %s answers 401 without a token and with a bad one, and says nothing else', async (method, path) => {
    const [a, b, ...rest] = server.token.split('.');
    const other = [a, b, ...rest.map((part) => part.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')))].join('.');
    const tokens = [undefined, 'nonsense', other, 'a.b.c'];
    const bodies = new Set<string>();
    for (const token of tokens) {
      const response = await raw(path, { method, headers: token === undefined ? {} : bearer(token) });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      bodies.add(((await response.text()) || '{}').replace(/"detail":"[^"]*"/g, ''));
    }
    expect(bodies.size).toBe(1);
  });

  it('R24 a session of a person announces nothing', async () => {
    const cookie = (await server.as('alice')).cookie;
    const anonymous = await raw('/requests', { method: 'POST', headers: { cookie }, body: '{}' });
    expect(anonymous.status).toBe(401);
  });

  it('leads a browser without session to the sign-in and back', async () => {
    const response = await raw(`/requests/${sealed.status.requestId}?x=1`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(
      `/sign-in?next=${encodeURIComponent(`/requests/${sealed.status.requestId}?x=1`)}`,
    );
  });
});

describe('blobs', () => {
  it('takes bytes under their own digest only, and says whether they are there', async () => {
    const bytes = 'some bytes of a test';
    const url = `/blobs/${digestOf(bytes)}`;
    expect((await raw(url, { method: 'HEAD', headers: bearer() })).status).toBe(404);
    const wrong = await raw(url, { method: 'PUT', headers: bearer(), body: 'other bytes' });
    expect(wrong.status).toBe(403);
    expect(await told(wrong)).toEqual(['DIGEST_MISMATCH ']);
    expect((await raw(url, { method: 'HEAD', headers: bearer() })).status).toBe(404);
    for (const _ of [1, 2]) {
      const put = await raw(url, { method: 'PUT', headers: bearer(), body: bytes });
      expect(put.status).toBe(201);
      expect(await put.json()).toEqual({ digest: digestOf(bytes) });
    }
    expect((await raw(url, { method: 'HEAD', headers: bearer() })).ok).toBe(true);
  });

  it.each(['sha256:zz', 'md5:1', 'latest', '..%2f..%2fetc'])('refuses %s as a digest', async (name) => {
    const response = await raw(`/blobs/${name}`, { method: 'PUT', headers: bearer(), body: 'x' });
    expect(response.status).toBe(422);
    expect(await told(response)).toEqual(['INVALID_VALUE ']);
  });

  it('stops reading at the limit, whatever length was declared', async () => {
    const large = new Uint8Array(16 * 1024 * 1024 + 1);
    const response = await raw(`/blobs/${digestOf(large)}`, { method: 'PUT', headers: bearer(), body: large });
    expect(response.status).toBe(413);
    expect(await told(response)).toEqual(['BODY_TOO_LARGE ']);
  });
});

describe('requests', () => {
  const good = () => JSON.parse(new TextDecoder().decode(canonicalBytes(sealed.built.request)));

  it.each([
    ['no JSON', 'hello', 422, ['JSON_SYNTAX ']],
    ['an empty body', '', 422, ['JSON_SYNTAX ']],
    ['a depth bomb', '['.repeat(100_000), 422, ['JSON_TOO_DEEP ']],
    ['ten megabytes', `"${'x'.repeat(10_000_000)}"`, 413, ['BODY_TOO_LARGE ']],
    ['a list', '[]', 422, ['INVALID_VALUE ']],
    [
      'all at once',
      '{"a":1,"a":2,"b":0.5,"c":"\\ud800","d":9007199254740993}',
      422,
      ['JSON_DUPLICATE_KEY /a', 'NUMBER_NOT_DECIMAL_STRING /b', 'JSON_LONE_SURROGATE /c', 'JSON_UNSAFE_INTEGER /d'],
    ],
  ] as const)('refuses %s', async (_, body, status, expected) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await told(response)).toEqual(expected);
  });

  it('names everything that is wrong inside, each with its pointer', async () => {
    const { use: _, ...request } = good();
    const wrong = {
      ...request,
      surprise: 1,
      code: { ...request.code, commit: 'main' },
      predictions: 'https://a.example/x.csv',
    };
    expect((await told(await post(JSON.stringify(wrong)))).sort()).toEqual([
      'INVALID_VALUE /code/commit',
      'LINK_IS_NOT_EVIDENCE /predictions',
      'MISSING_KEY /use',
      'UNKNOWN_KEY /surprise',
    ]);
  });

  it('names every digest whose bytes are not there', async () => {
    const request = good();
    request.predictions = digestOf('nowhere');
    request.gates[0].report = digestOf('nowhere either');
    const response = await post(JSON.stringify(request));
    expect(response.status).toBe(422);
    expect(await told(response)).toEqual(['BYTES_MISSING /predictions', 'BYTES_MISSING /gates/0/report']);
  });

  it('R13 answers the same id for the same content, whatever its layout, and 200 the second time', async () => {
    const again = await post(Buffer.from(canonicalBytes(sealed.built.request)));
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual({ requestId: sealed.status.requestId, repeated: true });
    const reversed = Object.fromEntries(Object.entries(good()).reverse());
    expect(await (await post(JSON.stringify(reversed, null, 4))).json()).toMatchObject({ requestId: sealed.status.requestId });
  });

  it('refuses a comparison with what is not the incumbent any more', async () => {
    const request = good();
    request.model.version = '99';
    const response = await post(JSON.stringify(request));
    expect(response.status).toBe(409);
    expect(await told(response)).toEqual([
      'STALE_COMPARISON /comparedWith/incumbent',
      'STALE_COMPARISON /comparedWith/lastHumanApproved',
    ]);
  });

  it('tells the state without names or tokens', async () => {
    const response = await raw(`/requests/${sealed.status.requestId}/status`, { headers: bearer() });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ state: 'sealed', outcome: 'approved', path: 'committee', votes: 3 });
    expect(text).not.toMatch(/Sample|alice|eyJ|@[a-z]+\.[a-z]{2,}/);
    expect((await raw(`/requests/${NOBODY}/status`, { headers: bearer() })).status).toBe(404);
    expect((await raw('/requests/nonsense/status', { headers: bearer() })).status).toBe(404);
  });

  it('withdraws only what still waits', async () => {
    const response = await raw(`/requests/${sealed.status.requestId}/withdraw`, { method: 'POST', headers: bearer() });
    expect(response.status).toBe(409);
    expect(await told(response)).toEqual(['NOT_WAITING ']);
  });
});

describe('events and vault', () => {
  it('serves the envelope, the list of files and each of them', async () => {
    const event = sealed.status.eventHash ?? '';
    const envelope = await raw(`/events/${event}/envelope`, { headers: bearer() });
    expect(envelope.status).toBe(200);
    expect(envelope.headers.get('x-content-type-options')).toBe('nosniff');
    const { payload } = (await envelope.json()) as { payload: string };
    expect(digestOf(Buffer.from(payload, 'base64'))).toBe(event);
    const listed = (await (await raw(`/events/${event}/files`, { headers: bearer() })).json()) as { files: string[] };
    expect(listed.files[0]).toBe(`events/${event.slice(7)}.dsse.json`);
    for (const key of listed.files) {
      const object = await raw(`/vault/${key}`, { headers: bearer() });
      expect([key, object.status]).toEqual([key, 200]);
      const bytes = Buffer.from(await object.arrayBuffer());
      if (key.startsWith('blobs/')) expect(digestOf(bytes)).toBe(`sha256:${key.slice(6)}`);
    }
  });

  it.each([
    '../config.json',
    '..%2fconfig.json',
    `blobs/${'0'.repeat(64)}/../../../config.json`,
    `blobs/${'0'.repeat(64)}%2f..%2f..%2f..%2fconfig.json`,
    `packs/${'0'.repeat(64)}/..%2f..%2f..%2fkeys%2fsigner.pem`,
    'tmp/x',
    `events/${'0'.repeat(64)}`,
    `packs/${'0'.repeat(64)}/manifest.json/x`,
    `blobs/${'0'.repeat(64)}`,
    'keys/signer.pem',
    '%00',
  ])('answers 404 and no bytes to /vault/%s', async (key) => {
    const response = await raw(`/vault/${key}`, { headers: bearer() });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toMatch(/PRIVATE KEY|clientSecret/);
  });

  it('shows a record of the start as it is', async () => {
    const policy = (await (await raw('/policy')).json()) as { event: string; pack: string };
    const ada = await server.as('ada');
    const record = await ada.get(`/events/${policy.event}`, { accept: 'application/json' });
    expect(await record.json()).toMatchObject({ kind: 'policyActivation', pack: policy.pack });
    const page = await (await ada.get(`/events/${policy.event}`)).text();
    expect(page).toContain('<title>Record');
    expect(page).toContain(policy.pack);
    const files = (await (await raw(`/events/${policy.event}/files`, { headers: bearer() })).json()) as { files: string[] };
    expect(files.files[0]).toBe(`records/${policy.event.slice(7)}.dsse.json`);
  });

  it('answers the baselines a pipeline bins with', async () => {
    const { line, environment } = sealed.built.request;
    const response = await raw(`/lines/${line}/${environment}/baselines`, { headers: bearer() });
    expect(await response.json()).toMatchObject({ incumbent: { event: sealed.status.eventHash, modelRoot: sealed.root } });
    const nobody = await raw('/lines/nobody/sandbox/baselines', { headers: bearer() });
    expect(await nobody.json()).toMatchObject({ incumbent: null, lastHumanApproved: null });
  });
});

describe('R22 the gate', () => {
  const ask = (environment: string, event: string, root: string, more: { line?: string; manifest?: string } = {}) => {
    const { line, model } = sealed.built.request;
    return raw(`/gate/${environment}?${new URLSearchParams({ event, root, line, manifest: model.manifest, ...more })}`);
  };

  it('says 200 only for allow, 403 for a no and 503 when it cannot tell', async () => {
    const event = sealed.status.eventHash ?? '';
    const verdicts = [
      await ask('sandbox', event, sealed.root),
      await ask('production', event, sealed.root),
      await ask('sandbox', event, NOTHING),
      await ask('sandbox', event, sealed.root, { manifest: NOTHING }),
      await ask('sandbox', event, sealed.root, { line: 'another-line' }),
      await ask('sandbox', NOTHING, sealed.root),
      await ask('nowhere', event, sealed.root),
    ];
    expect(await Promise.all(verdicts.map(async (one) => [one.status, ((await one.json()) as { code: string }).code]))).toEqual(
      [
        [200, 'OK'],
        [403, 'KEY_UNTRUSTED'],
        [403, 'ARTEFACT_MISMATCH'],
        [403, 'ARTEFACT_MISMATCH'],
        [403, 'OUT_OF_SCOPE'],
        [403, 'NOT_FOUND'],
        [503, 'NO_TRUST'],
      ],
    );
    for (const one of verdicts) expect(one.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    '',
    '?event=latest&root=x',
    `?event=${NOTHING}`,
    `?event=${NOTHING}&root=${NOTHING}`,
    `?event=${NOTHING}&root=${NOTHING}&manifest=${NOTHING}`,
  ])('refuses the question %s', async (query) => {
    const response = await raw(`/gate/sandbox${query}`);
    expect(response.status).toBe(422);
    expect(await told(response)).toEqual(['INVALID_VALUE ']);
  });
});

describe('deciding', () => {
  const id = () => waiting.status.requestId;
  const status = async () =>
    (await raw(`/requests/${id()}/status`, { headers: bearer() })).json() as Promise<Record<string, unknown>>;

  async function formFields(person: string): Promise<Record<string, string>> {
    const html = await (await (await server.as(person)).get(`/requests/${id()}`)).text();
    const ticks = [...html.matchAll(/name="(criterion\.[A-Z]{3}-\d{3})"/g)].map(([, name = '']): [string, string] => [
      name,
      'checked',
    ]);
    const names = ['csrf', 'screen', 'nonce'];
    return {
      ...Object.fromEntries(names.map((name) => [name, hidden(html, name)])),
      ...Object.fromEntries(ticks),
      choice: 'approve',
    };
  }
  const send = async (person: string, form: Record<string, string>) =>
    (await server.as(person)).post(`/requests/${id()}/votes`, form);

  it('R46 asks for a rationale in words: no link, no address, no vote before it', async () => {
    const erin = await server.as('erin');
    const csrf = hidden(await (await erin.get(`/requests/${id()}`)).text(), 'csrf');
    const wrong = {
      csrf,
      text: 'https://tickets.example/4711',
      scope: 'ask bob@bank.example for it',
      intendedUse: '',
      limitations: 'few rows',
    };
    const response = await erin.post(`/requests/${id()}/rationale`, wrong);
    expect(response.status).toBe(422);
    expect(await told(response)).toEqual(['LINK_IS_NOT_EVIDENCE /text', 'PERSONAL_DATA /scope', 'INVALID_VALUE /intendedUse']);
    const early = await send('alice', {
      csrf: hidden(await (await (await server.as('alice')).get(`/requests/${id()}`)).text(), 'csrf'),
      choice: 'reject',
      screen: NOTHING,
      nonce: 'n'.repeat(20),
      conditions: '',
    });
    expect((await told(early)).sort()).toContain('RATIONALE_MISSING ');
    expect((await status())['state']).toBe('needsRationale');
    await server.people.writeRationale(id(), 'the model');
    await settled(server.client, id(), ['voting']);
  });

  it('serves the screen under exactly its headers, sandboxed, as the stored bytes', async () => {
    const response = await (await server.as('ada')).get(`/requests/${id()}/screen`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(digestOf(bytes)).toBe((await status())['screen']);
    const expected = screenHeaders(bytes);
    for (const [name, value] of Object.entries(expected)) expect(response.headers.get(name)).toBe(value);
    expect(expected['content-security-policy']).toMatch(/default-src 'none'.*; sandbox$/);
    expect(expected['content-security-policy']).toMatch(/style-src 'sha256-/);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('serves every page under the page headers', async () => {
    const ada = await server.as('ada');
    for (const path of ['/', `/requests/${id()}`, `/events/${sealed.status.eventHash}`]) {
      const response = await ada.get(path);
      expect([path, response.status]).toEqual([path, 200]);
      for (const [name, value] of Object.entries(pageHeaders(server.baseUrl))) expect(response.headers.get(name)).toBe(value);
    }
  });

  it('409 for a vote on a screen that was never served to this person', async () => {
    const response = await send('alice', await formFields('alice'));
    expect(response.status).toBe(409);
    expect(await told(response)).toEqual(['SCREEN_NOT_SERVED /screen']);
  });

  it('R13 a mail scanner that opens every link casts no vote and decides nothing', async () => {
    const alice = await server.as('alice');
    const before = await status();
    const links = [...(await (await alice.get(`/requests/${id()}`)).text()).matchAll(/(?:href|src|action)="(\/[^"#]*)"/g)].map(
      ([, link = '']) => link,
    );
    expect(links).toContain(`/requests/${id()}/votes`);
    for (const link of new Set([...links, `/requests/${id()}/votes?choice=approve`, `/requests/${id()}/withdraw`]))
      await (await alice.get(link)).body?.cancel();
    expect(await status()).toEqual(before);
  });

  it('needs the form of its own session', async () => {
    const form = await formFields('alice');
    const foreign = (await formFields('bob'))['csrf'] ?? '';
    for (const csrf of ['', 'x', foreign]) {
      const response = await send('alice', { ...form, csrf });
      expect(response.status).toBe(403);
      expect((await problem(response)).code).toBe('FORM_NOT_OURS');
    }
    const { cookie } = await server.as('alice');
    const elsewhere = await raw(`/requests/${id()}/votes`, {
      method: 'POST',
      headers: { cookie, origin: 'https://evil.example' },
      body: new URLSearchParams(form),
    });
    expect(elsewhere.status).toBe(403);
  });

  it('R7 refuses who holds no role that is asked, and who wrote the rationale', async () => {
    for (const person of ['mallory', 'erin', 'dave', 'ada']) {
      await (await (await server.as(person)).get(`/requests/${id()}/screen`)).body?.cancel();
      const html = await (await (await server.as(person)).get(`/requests/${id()}`)).text();
      expect(html).not.toContain(`action="/requests/${id()}/votes"`);
      const form = { ...(await formFields('alice')), csrf: hidden(html, 'csrf') };
      const response = await send(person, form);
      expect([person, response.status]).toEqual([person, 403]);
      expect((await told(response))[0]).toMatch(/NOT_YOURS|SEPARATION/);
    }
  });

  it('R57 names every finding that is not ticked, and another screen, at once', async () => {
    await (await (await server.as('alice')).get(`/requests/${id()}/screen`)).body?.cancel();
    const form = Object.fromEntries(
      Object.entries(await formFields('alice')).filter(([name]) => !name.startsWith('criterion.')),
    );
    const response = await send('alice', { ...form, screen: NOTHING });
    expect((await told(response)).sort()).toEqual(['CRITERIA_INCOMPLETE /criteria', 'SCREEN_MISMATCH /screen']);
  });

  it('R13 a double submit is one vote; another ballot is 409 with the stored answer', async () => {
    const form = await formFields('alice');
    const [one, two] = await Promise.all([
      send('alice', form),
      send('alice', { ...form, nonce: 'another-page-of-the-same-person' }),
    ]);
    for (const response of [one, two, await send('alice', form)]) {
      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toBe(`/requests/${id()}/receipt`);
    }
    expect((await status())['votes']).toBe(1);
    const other = await send('alice', { ...form, choice: 'reject' });
    expect(other.status).toBe(409);
    const body = (await other.json()) as { code: string; stored: { choice: string } };
    expect(body).toMatchObject({ code: 'OTHER_ANSWER_STORED', stored: { choice: 'approve' } });
    const receipt = await (await server.as('alice')).get(`/requests/${id()}/receipt`);
    expect(receipt.status).toBe(200);
    expect(await receipt.text()).toContain('I approve this promotion');
    expect((await (await server.as('bob')).get(`/requests/${id()}/receipt`)).status).toBe(404);
  });

  it('is sealed when the quorum is there; the first receipt stands, a late ballot does not', async () => {
    const form = await formFields('bob');
    await server.people.approve(id());
    expect(await settled(server.client, id(), ['sealed'])).toMatchObject({ outcome: 'approved', votes: 3 });
    expect((await send('bob', { ...form, rationale: 'I read the screen and checked every rule that fired.' })).status).toBe(
      303,
    );
    expect((await send('bob', { ...form, choice: 'reject' })).status).toBe(409);
    const dave = hidden(await (await (await server.as('dave')).get(`/requests/${id()}`)).text(), 'csrf');
    expect(await told(await send('dave', { ...form, csrf: dave }))).toContain('TOO_LATE ');
    expect(await status()).toMatchObject({ outcome: 'approved', votes: 3 });
  });
});

describe('the server itself', () => {
  it('is healthy and ready', async () => {
    expect(await (await raw('/healthz')).json()).toMatchObject({ status: 'up', store: { state: 'HEALTHY' } });
    expect((await raw('/readyz')).status).toBe(200);
  });

  it('answers 404 as a problem, for whatever route and method', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['DELETE', '/requests'],
      ['PUT', '/policy'],
      ['POST', '/'],
    ] as const) {
      const response = await raw(path, { method });
      expect([path, response.status]).toEqual([path, 404]);
      expect((await problem(response)).code).toBe('NOT_FOUND');
    }
  });

  it('finishes what is running when it stops, and goes on after a start with the same folder', async () => {
    const built = await build(EXAMPLE, RETRAIN, server.client);
    if (!built.ok) throw new Error(JSON.stringify(built.problems));
    const sent = await server.client.submit(built.value, () => undefined);
    if (!sent.ok) throw new Error(JSON.stringify(sent.problems));
    const started = performance.now();
    await server.restart();
    expect(performance.now() - started).toBeLessThan(15_000);
    const status = await settled(server.client, sent.value.requestId, ['sealed']);
    expect(status).toMatchObject({ path: 'automated', outcome: 'approved' });
    const { line, model } = built.value.request;
    const { root, manifest } = model;
    const query = new URLSearchParams({ event: status.eventHash ?? '', line, root, manifest });
    expect((await raw(`/gate/sandbox?${query}`)).status).toBe(200);
  });

  it('logs no name, no token, no cookie, no password', async () => {
    await raw('/requests?token=eyJhbGciOi', {
      headers: { cookie: 'countersign_session=secret-session', authorization: 'Bearer eyJhbGciOi' },
    });
    const log = server.logs.map((entry) => JSON.stringify(entry)).join('\n');
    expect(server.logs.length).toBeGreaterThan(100);
    expect(log).not.toMatch(/alice|Sample|sample-|eyJ|countersign_session|secret-session|PRIVATE|csrf/i);
    expect(server.logs.filter((entry) => entry['level'] === 'error')).toEqual([]);
  });

  it('keeps names, tokens and passwords out of the vault', async () => {
    const names = await readdir(paths(server.data).vault, { recursive: true, withFileTypes: true });
    expect(names.length).toBeGreaterThan(50);
    for (const entry of names.filter((one) => one.isFile())) {
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      expect([entry.name, /Alice|Bob Sample|sample-password-|eyJhbGci/.exec(text)?.[0]]).toEqual([entry.name, undefined]);
    }
  });
});
