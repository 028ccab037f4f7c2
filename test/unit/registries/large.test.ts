// A gigabyte through the adapter: hashed as it comes, never held.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createMlflow } from '../../../functions/adapters/registries/mlflow.ts';

const SIZE = 1024 ** 3;
const PIECE = Buffer.alloc(65_536, 'weights');
const MODEL = `m-${'a'.repeat(32)}`;

const ANSWERS: Record<string, unknown> = {
  '/api/2.0/mlflow/model-versions/get': {
    model_version: { name: 'pd', version: '1', source: `models:/${MODEL}`, status: 'READY' },
  },
  [`/api/2.0/mlflow/logged-models/${MODEL}`]: { model: { info: {} } },
  [`/api/2.0/mlflow/logged-models/${MODEL}/artifacts/directories`]: { files: [{ path: 'model.bin', file_size: SIZE }] },
};

it('R4 1 GB is hashed with at most 150 MB more memory', async () => {
  const server = createServer(async (req, res) => {
    const path = req.url?.split('?')[0] ?? '';
    if (path in ANSWERS) {
      res.end(JSON.stringify(ANSWERS[path]));
      return;
    }
    res.writeHead(200, { 'content-length': SIZE });
    for (let sent = 0; sent < SIZE; sent += PIECE.byteLength) if (!res.write(PIECE)) await once(res, 'drain');
    res.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry = createMlflow({ name: 'mlflow', url, keys: { secrets: [] } });
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const found = await registry.resolve({ registry: 'mlflow', model: 'pd', version: '1', environment: 'sandbox' });
  clearInterval(watch);
  server.close();
  const hash = createHash('sha256');
  for (let i = 0; i < SIZE / PIECE.byteLength; i++) hash.update(PIECE);
  expect(found.ok && found.value.files).toEqual([{ path: 'model.bin', size: SIZE, digest: `sha256:${hash.digest('hex')}` }]);
  // Server and adapter share this process, so what the adapter takes is less still.
  expect((peak - before) / 1024 ** 2).toBeLessThan(150);
}, 120_000);
