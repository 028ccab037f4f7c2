// The document against the app that it describes: every route stands in it, and every operation is called.
import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsPage } from '../../../docs/errors.ts';
import { OPENAPI_FILE, openApiText } from '../../../docs/openapi.ts';
import { OPERATIONS, openApi, templateOf } from '../../../functions/http/openapi/document.ts';
import { PAGE_ROUTES } from '../../../functions/http/openapi/pages.ts';
import { SHELL, STYLE } from '../../../functions/http/pages/assets.ts';
import type { OidcClient } from '../../../functions/http/session.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { type Call, playApi, send } from '../../support/api-calls.ts';
import { appOf } from '../../support/app.ts';
import { openWorld } from '../../support/world.ts';

type Media = { readonly schema?: object; readonly example?: unknown };
type Content = Readonly<Record<string, Media>>;
type Told = {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters?: readonly { readonly schema: object; readonly example: unknown }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type Document = { info: { version: string }; paths: Record<string, Record<string, Told>>; components: object };

const document = openApi() as Document;
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: 'https://api.test/', components: document.components });

/** What does not fit; schemas of operations refer to the components of the document. */
function misfits(schema: object, value: unknown): unknown[] {
  const here = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"https://api.test/#/components/'));
  const check = ajv.compile(here);
  return check(value) ? [] : (check.errors ?? []);
}

const named = OPERATIONS.map(
  ({ method, path }) => [`${method.toUpperCase()} ${templateOf(path)}`, method, templateOf(path)] as const,
);
const toldOf = (method: string, path: string): Told => {
  const told = document.paths[path]?.[method];
  if (told === undefined) throw new Error(`the document lacks ${method} ${path}`);
  return told;
};

let api: Awaited<ReturnType<typeof playApi>>;
beforeAll(async () => {
  api = await playApi();
});
afterAll(() => api.world.close());

describe('docs/openapi.json', () => {
  it('is what the code gives; else run `npx node docs/openapi.ts`', () => {
    expect(readFileSync(OPENAPI_FILE, 'utf8')).toBe(openApiText());
  });

  it('is valid OpenAPI 3.1, of this version, and no operation shares its id', async () => {
    expect(await new Validator().validate(JSON.parse(openApiText()))).toEqual({ valid: true });
    expect(document.info.version).toBe(packageJson.version);
    const ids = named.map(([, method, path]) => toldOf(method, path).operationId);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('tells of every route of the app that is no page, and of no other', () => {
    const client: OidcClient = {
      start: () => Promise.reject(new Error('nobody signs in here')),
      finish: async () => undefined,
      signOutUrl: async () => undefined,
    };
    const identity = { verify: () => Promise.reject(new Error('nobody signs in here')) };
    const { routes } = appOf(api.world, { people: { client, identity } });
    // ALL: middleware. The rest that ends in a star only limits how large a form may be.
    const own = routes.filter(({ method, path }) => method !== 'ALL' && !['/policy/*', '/acts/*', '/lines/*'].includes(path));
    const assets = [SHELL, STYLE].map(({ path }) => `GET ${path}`);
    const told = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...new Set(own.map(({ method, path }) => `${method} ${path}`))].sort()).toEqual(
      [...new Set([...told, ...PAGE_ROUTES, ...assets])].sort(),
    );
    expect(told.filter((name) => PAGE_ROUTES.has(name))).toEqual([]);
  });

  it.each(named)('%s: its examples fit its own schemas', (_, method, path) => {
    const { parameters = [], requestBody } = toldOf(method, path);
    for (const { schema, example } of parameters) expect(misfits(schema, example)).toEqual([]);
    for (const { schema, example } of Object.values(requestBody?.content ?? {})) {
      if (schema !== undefined) expect(misfits(schema, example)).toEqual([]);
    }
  });
});

const typeOnly = (type: string | null): string => (type ?? '').split(';')[0] ?? '';

/** Of the kind, and of the shape, that the document tells for this status. */
async function expectTold(told: Told, response: Response): Promise<Record<string, unknown> | undefined> {
  const answer = told.responses[response.status];
  expect(answer, `${response.status} is not told of`).toBeDefined();
  const type = typeOnly(response.headers.get('content-type'));
  if (type === '') return undefined;
  expect(Object.keys(answer?.content ?? {})).toContain(type);
  if (!type.endsWith('json')) return undefined;
  const body = (await response.json()) as Record<string, unknown>;
  expect(misfits(answer?.content?.[type]?.schema ?? {}, body)).toEqual([]);
  return body;
}

/** What is sent, as the document tells it: a form holds the session's token too. */
function sentMisfits(told: Told, { by, body }: Call): unknown[] {
  const form = by !== 'nobody' && 'session' in by;
  const media = told.requestBody?.content[form ? 'application/x-www-form-urlencoded' : 'application/json'];
  return media?.schema === undefined ? [] : misfits(media.schema, form ? { ...(body as object), csrf: 'c' } : body);
}

describe('each operation as it is told', () => {
  it('has its calls in this test', () => {
    expect(Object.keys(api.calls).sort()).toEqual(named.map(([name]) => name).sort());
  });

  it.each(named)('%s is refused with a problem: code, pointer, status', async (name, method, path) => {
    const call = api.calls[name]?.no;
    if (call === undefined || call === 'nothing') return;
    const told = toldOf(method, path);
    const response = await send(api.app, method.toUpperCase(), call);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const body = await expectTold(told, response);
    const [problem] = (body?.['problems'] ?? []) as { code: string; pointer: string }[];
    expect([response.status, problem?.code, problem?.pointer]).toEqual(call.answer);
    expect(body?.['code']).toBe(problem?.code);
    expect(body?.['type']).toBe(`https://countersign.dev/errors#${problem?.code}`);
    expect(errorsPage()).toContain(`<a id="${problem?.code}"></a>`);
    const [status, , pointer] = call.answer;
    if (status === 422 && pointer !== '') expect(sentMisfits(told, call), 'the document would have said so').not.toEqual([]);
  });

  it.each(named)('%s answers what is asked well', async (name, method, path) => {
    const call = api.calls[name]?.yes;
    if (call === undefined) throw new Error('no call');
    const told = toldOf(method, path);
    expect(sentMisfits(told, call)).toEqual([]);
    const response = await send(api.app, method.toUpperCase(), call);
    const text = response.ok ? '' : await response.clone().text();
    expect(response.status, text).toBeLessThan(300);
    await expectTold(told, response);
  });

  it.each(named.filter(([, method, path]) => toldOf(method, path).security.length > 0))(
    '%s is refused to who does not sign in',
    async (name, method) => {
      const path = api.calls[name]?.yes.path ?? '';
      const response = await api.app.ask(path, { method: method.toUpperCase() });
      expect(response.status).toBe(401);
    },
  );

  it('what cannot be asked wrongly answers a problem before the start', async () => {
    const world = await openWorld({ begun: false });
    const empty = appOf(world);
    const answers = ['/readyz', '/policy', '/log/checkpoint'].map(async (path) => {
      const response = await empty.ask(path);
      const body = await expectTold(toldOf('get', path), response);
      return [path, response.status, body?.['code']];
    });
    expect(await Promise.all(answers)).toEqual([
      ['/readyz', 503, 'NOT_INITIALISED'],
      ['/policy', 503, 'NOT_INITIALISED'],
      ['/log/checkpoint', 503, 'NOT_LOGGED'],
    ]);
    await world.close();
  });

  it('the gate says no and "cannot tell" in the shape that is told', async () => {
    const told = toldOf('get', '/gate/{environment}');
    const other = api.artefact.replace(/root=sha256:./, (start) => `${start.slice(0, -1)}${start.endsWith('0') ? '1' : '0'}`);
    for (const [path, status] of [
      [`/gate/sandbox?${other}`, 403],
      [`/gate/elsewhere?${api.artefact}`, 503],
    ] as const) {
      const response = await api.app.ask(path);
      expect(response.status).toBe(status);
      expect((await expectTold(told, response))?.['verdict']).toBe(status === 403 ? 'deny' : 'unknown');
    }
  });
});
