// A registry that answers wrongly: each ends in a refusal with a pointer or in a fault that is tried again, never in a snapshot.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createMlflow } from '../../../functions/adapters/registries/mlflow.ts';
import type { Wish } from '../../../functions/domain/hint.ts';
import type { Registry } from '../../../functions/registry.ts';

const WISH: Wish = { registry: 'mlflow', model: 'pd', version: '1', environment: 'sandbox' };
const MODEL = `m-${'a'.repeat(32)}`;
const FAULT = { name: 'InfrastructureError', retryable: true };

type Answer = (res: ServerResponse, req: IncomingMessage) => void;
const json =
  (body: unknown, status = 200): Answer =>
  (res) =>
    void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** What a server answers where all is well; a test changes one of them. */
const WELL: Record<string, Answer> = {
  '/api/2.0/mlflow/model-versions/get': json({
    model_version: { name: 'pd', version: '1', source: `models:/${MODEL}`, status: 'READY', run_id: 'b'.repeat(32) },
  }),
  [`/api/2.0/mlflow/logged-models/${MODEL}`]: json({ model: { info: {}, data: {} } }),
  '/api/2.0/mlflow/runs/get': json({ run: { data: {} } }),
  [`/api/2.0/mlflow/logged-models/${MODEL}/artifacts/directories`]: json({ files: [{ path: 'w.json', file_size: 4 }] }),
  '/model-versions/get-artifact': (res) => void res.end('abcd'),
  '/get-artifact': json({ error_code: 'RESOURCE_DOES_NOT_EXIST' }, 404),
};

let close: (() => void) | undefined;
afterEach(() => close?.());

async function against(change: Record<string, Answer>, patienceMs = 1000): Promise<Registry & { asked: string[] }> {
  const answers = { ...WELL, ...change };
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    const path = req.url?.split('?')[0] ?? '';
    (answers[path] ?? json({}, 404))(res, req);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...createMlflow({ name: 'mlflow', url, keys: { secrets: [] }, patienceMs }), asked };
}

const VERSION = '/api/2.0/mlflow/model-versions/get';
const FILES = `/api/2.0/mlflow/logged-models/${MODEL}/artifacts/directories`;
const BYTES = '/model-versions/get-artifact';

describe('R63 what MLflow answers', () => {
  it('is read where all is well', async () => {
    const registry = await against({});
    expect(await registry.resolve(WISH)).toMatchObject({
      ok: true,
      value: { files: [{ path: 'w.json', size: 4 }], request: null },
    });
  });

  const html: Answer = (res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
  const drop: Answer = (res) => void res.destroy();
  it.each<[string, string, Answer]>([
    ['HTML of a sign-in page', VERSION, html],
    ['a 500', VERSION, json({ error_code: 'INTERNAL_ERROR' }, 500)],
    ['nothing', VERSION, (res) => void res.end()],
    ['a connection that breaks off', VERSION, drop],
    ['401', VERSION, json({}, 401)],
    ['403 of a host that is not allowed', VERSION, json({ message: 'Invalid Host header' }, 403)],
    ['another shape', VERSION, json({ model_version: { name: 1 } })],
    ['half a number of bytes', BYTES, (res) => void res.end('ab')],
    ['more bytes than it listed', BYTES, (res) => void res.end('abcdefgh')],
    ['no bytes at all', BYTES, json({}, 404)],
    ['a 500 for bytes', BYTES, json({}, 500)],
    [
      'bytes that break off',
      BYTES,
      (res) => void res.writeHead(200, { 'content-length': '4' }).write('ab', () => res.destroy()),
    ],
    ['silence', VERSION, () => undefined],
    ['silence in the middle of bytes', BYTES, (res) => void res.writeHead(200, { 'content-length': '4' }).write('ab')],
  ])('%s is a fault, tried again', async (_, path, answer) => {
    const registry = await against({ [path]: answer }, 300);
    await expect(registry.resolve(WISH)).rejects.toMatchObject(FAULT);
  });

  it('JSON without an end stops at a limit', async () => {
    const registry = await against({
      [VERSION]: (res) => {
        const more = () => {
          while (res.write(`"${'x'.repeat(65_536)}",`)) if (res.destroyed) return;
          res.once('drain', more);
        };
        res.write('[');
        more();
      },
    });
    await expect(registry.resolve(WISH)).rejects.toMatchObject(FAULT);
  });

  it('a body that unpacks to more than it is: it is not asked for packed, and what is unpacked is counted', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const registry = await against({
      [BYTES]: (res) => void res.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    });
    await expect(registry.resolve(WISH)).rejects.toMatchObject(FAULT);
  });

  it('SSRF: a redirect is not followed, for answers nor for bytes', async () => {
    let hits = 0;
    const inner = createServer((_, res) => {
      hits++;
      res.end('{}');
    });
    await new Promise<void>((resolve) => void inner.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(inner.address() as AddressInfo).port}/latest/meta-data`;
    for (const path of [VERSION, BYTES]) {
      const registry = await against({ [path]: (res) => void res.writeHead(307, { location }).end() });
      await expect(registry.resolve(WISH)).rejects.toMatchObject(FAULT);
      close?.();
    }
    inner.close();
    expect(hits).toBe(0);
  });

  it('SSRF: an address as the source of a version is never opened', async () => {
    const registry = await against({
      [VERSION]: json({
        model_version: { name: 'pd', version: '1', source: 'http://169.254.169.254/latest', status: 'READY' },
      }),
    });
    expect(await registry.resolve(WISH)).toMatchObject({
      ok: false,
      problems: [{ code: 'REGISTRY_MISMATCH', pointer: '/model/files' }],
    });
    expect(registry.asked.filter((one) => one.includes('169.254'))).toEqual([]);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'a/../b', 'a\\..\\b', 'a//b', ''])(
    'a listed path %j leads nowhere: refused, and not asked for',
    async (path) => {
      const registry = await against({ [FILES]: json({ files: [{ path, file_size: 4 }] }) });
      expect(await registry.resolve(WISH)).toMatchObject({ ok: false, problems: [{ pointer: '/model/files' }] });
      expect(registry.asked.some((one) => one.startsWith('GET /model-versions/get-artifact'))).toBe(false);
    },
  );

  it('folders that hold each other have an end', async () => {
    let depth = 0;
    const registry = await against({
      [FILES]: (res) => json({ files: [{ path: `${'d/'.repeat(depth++)}d`, is_dir: true }] })(res, {} as IncomingMessage),
    });
    expect(await registry.resolve(WISH)).toMatchObject({ ok: false, problems: [{ pointer: '/model/files' }] });
  });

  it('a version that is still being written is not read', async () => {
    const registry = await against({
      [VERSION]: json({
        model_version: { name: 'pd', version: '1', source: `models:/${MODEL}`, status: 'PENDING_REGISTRATION' },
      }),
    });
    expect(await registry.resolve(WISH)).toMatchObject({ ok: false, problems: [{ pointer: '/model/version' }] });
  });

  it('what was written and does not read back is not believed', async () => {
    const registry = await against({
      '/api/2.0/mlflow/model-versions/set-tag': json({}),
      '/api/2.0/mlflow/registered-models/alias': json({}),
    });
    const note = { wish: WISH, requestId: 'r', event: 'e', outcome: 'approved', path: 'automated', alias: 'champion' } as const;
    await expect(registry.writeBack(note)).rejects.toMatchObject(FAULT);
  });

  it('basic authentication and a workspace go with every call', async () => {
    const seen: (string | string[] | undefined)[] = [];
    const server = createServer((req, res) => {
      seen.push(req.headers.authorization, req.headers['x-mlflow-workspace']);
      json({ registered_model: {} })(res, req);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const options = { authorization: 'Basic dTpw', workspace: 'risk' };
    await createMlflow({ name: 'mlflow', url, keys: { secrets: [] }, ...options }).checkProduction('pd');
    server.close();
    expect(seen).toEqual(['Basic dTpw', 'risk']);
  });
});
