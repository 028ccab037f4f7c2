// The registry adapters: a real MLflow server, and a folder.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFolder } from '../../functions/adapters/registries/folder.ts';
import { createMlflow } from '../../functions/adapters/registries/mlflow.ts';
import { digestOf, hexOf } from '../../functions/domain/digest.ts';
import type { Instant } from '../../functions/domain/text.ts';
import { MLFLOW_COLD_MS, startMlflow } from '../mlflow/server.ts';
import { cloudEvent, requestedTag, signedHook } from '../support/hooks.ts';
import { registryLaws } from './registry-laws.ts';

const AT = '2026-11-21T08:00:00.000Z' as Instant;
const SECRET = 'a-secret-of-this-test-1';
const bytes = (text: string) => new TextEncoder().encode(text);
const FILES = new Map([
  ['weights.json', bytes('{"w":["0.1"]}')],
  ['deep/er/preprocessor.json', bytes('{"p":1}')],
  ['ünï codé.txt', bytes('a name with more than ASCII')],
]);
const REQUEST = bytes('{"schema":"promotion-request/v0"}');
const BLOB = bytes('predictions');

registryLaws(
  'MLflow',
  async () => {
    const mlflow = await startMlflow();
    const { run } = (await mlflow.api('POST', '/runs/create', { experiment_id: '0', start_time: 1 })) as {
      run: { info: { run_id: string } };
    };
    const id = run.info.run_id;
    const folder = `0/${id}/artifacts`;
    const at = (path: string) => `${folder}/model/${path.split('/').map(encodeURIComponent).join('/')}`;
    for (const [path, content] of FILES) await mlflow.put(at(path), content);
    await mlflow.put(`${folder}/countersign/request.json`, REQUEST);
    await mlflow.put(`${folder}/countersign/blobs/${hexOf(digestOf(BLOB))}`, BLOB);
    await mlflow.api('POST', '/registered-models/create', { name: 'pd' });
    const tags = [{ key: 'countersign.request', value: 'sandbox' }];
    await mlflow.api('POST', '/model-versions/create', { name: 'pd', source: `runs:/${id}/model`, run_id: id, tags });
    const keys = { secrets: [SECRET] };
    return {
      registry: createMlflow({ name: 'mlflow', url: mlflow.url, keys }),
      unreachable: createMlflow({ name: 'mlflow', url: 'http://127.0.0.1:9', keys }),
      wish: { registry: 'mlflow', model: 'pd', version: '1', environment: 'sandbox' },
      files: FILES,
      request: REQUEST,
      blob: BLOB,
      at: AT,
      hook: ({ model, version, environment }) => signedHook(requestedTag(model, version, environment), SECRET, AT),
      ownHooks: () =>
        ['event', 'outcome', 'path', 'request-id'].map((one) =>
          signedHook(requestedTag('pd', '1', 'sandbox', `countersign.${one}`), SECRET, AT),
        ),
      overwrite: (path, content) => mlflow.put(at(path), content),
      close: () => mlflow.stop(),
    };
  },
  MLFLOW_COLD_MS,
);

registryLaws('folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'countersign-folder-'));
  const put = async (path: string, content: Uint8Array | string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  for (const [path, content] of FILES) await put(`pd/1/model/${path}`, content);
  await put('pd/1/countersign/request.json', REQUEST);
  await put(`pd/1/countersign/blobs/${hexOf(digestOf(BLOB))}`, BLOB);
  await put('pd/1/wanted', 'sandbox\n');
  const keys = { secrets: [SECRET] };
  return {
    registry: createFolder({ name: 'shelf', root, keys }),
    unreachable: createFolder({ name: 'shelf', root: '/dev/null/none', keys }),
    wish: { registry: 'shelf', model: 'pd', version: '1', environment: 'sandbox' },
    files: FILES,
    request: REQUEST,
    blob: BLOB,
    at: AT,
    hook: (wish) => cloudEvent(wish, SECRET, AT),
    ownHooks: () => [],
    overwrite: (path, content) => put(`pd/1/model/${path}`, content),
    close: () => rm(root, { recursive: true, force: true }),
  };
});
