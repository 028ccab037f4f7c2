// The registry adapters: a real MLflow server, and a folder.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { createFolder } from '../../functions/adapters/registries/folder.ts';
import { createMlflow } from '../../functions/adapters/registries/mlflow.ts';
import { digestOf, hexOf } from '../../functions/domain/digest.ts';
import type { Instant } from '../../functions/domain/text.ts';
import { MLFLOW_COLD_MS, type MlflowServer, startMlflow } from '../mlflow/server.ts';
import { cloudEvent, requestedTag, signedHook } from '../support/hooks.ts';
import { type RegistryBench, registryLaws } from './registry-laws.ts';

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

const PASSWORD = 'a-password-of-this-test';
const AUTHORIZATION = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;
const WORKSPACE = 'risk';

/** With users and workspaces, as a bank runs it. */
async function guardedMlflow(): Promise<MlflowServer> {
  const settings = { MLFLOW_AUTH_ADMIN_PASSWORD: PASSWORD, MLFLOW_FLASK_SERVER_SECRET_KEY: PASSWORD };
  const asking = { authorization: AUTHORIZATION, 'x-mlflow-workspace': WORKSPACE };
  const mlflow = await startMlflow(settings, ['--app-name', 'basic-auth', '--enable-workspaces'], asking);
  // In no workspace yet: this one is only being made.
  const made = await fetch(`${mlflow.url}/api/3.0/mlflow/workspaces`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: JSON.stringify({ name: WORKSPACE }),
  });
  if (!made.ok) throw new Error(await made.text());
  return mlflow;
}

const mlflowBench =
  (start: () => Promise<MlflowServer>, guard: { authorization?: string; workspace?: string }) =>
  async (): Promise<RegistryBench> => {
    const mlflow = await start();
    const { experiment_id } = (await mlflow.api('POST', '/experiments/create', { name: 'laws' })) as { experiment_id: string };
    const { run } = (await mlflow.api('POST', '/runs/create', { experiment_id, start_time: 1 })) as {
      run: { info: { run_id: string; artifact_uri: string } };
    };
    const id = run.info.run_id;
    const folder = run.info.artifact_uri.replace('mlflow-artifacts:/', '');
    const at = (path: string) => `${folder}/model/${path.split('/').map(encodeURIComponent).join('/')}`;
    for (const [path, content] of FILES) await mlflow.put(at(path), content);
    await mlflow.put(`${folder}/countersign/request.json`, REQUEST);
    await mlflow.put(`${folder}/countersign/blobs/${hexOf(digestOf(BLOB))}`, BLOB);
    await mlflow.api('POST', '/registered-models/create', { name: 'pd' });
    const tags = [{ key: 'countersign.request', value: 'sandbox' }];
    await mlflow.api('POST', '/model-versions/create', { name: 'pd', source: `runs:/${id}/model`, run_id: id, tags });
    const keys = { secrets: [SECRET] };
    return {
      registry: createMlflow({ name: 'mlflow', url: mlflow.url, keys, ...guard }),
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
      close: async () => {
        // Nothing of a guarded server is read without its credentials.
        const stranger = createMlflow({ name: 'mlflow', url: mlflow.url, keys });
        if (guard.authorization !== undefined)
          await expect(stranger.checkProduction('pd')).rejects.toMatchObject({ name: 'InfrastructureError' });
        await mlflow.stop();
      },
    };
  };

registryLaws('MLflow', mlflowBench(startMlflow, {}), MLFLOW_COLD_MS);
registryLaws(
  'MLflow with users and workspaces',
  mlflowBench(guardedMlflow, { authorization: AUTHORIZATION, workspace: WORKSPACE }),
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
