// R16, R24, R66: from `mlflow.log_model` in Python to the alias that Countersign moves, against a real MLflow server.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paths } from '../../cli/embedded.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../../functions/domain/oms.ts';
import { MLFLOW_COLD_MS, type MlflowServer, startMlflow } from '../mlflow/server.ts';
import { countersign } from '../support/command.ts';
import { EXAMPLE, manifestAt } from '../support/promote.ts';
import { featuresOf, type Served, workbench } from '../support/registry.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const LINE = 'german-credit-01-in-band-retrain';
const MODEL = 'german-credit-pd';
const SECRET = 'a-secret-of-this-test-1';

let mlflow: MlflowServer;
let webhook: string;
let server: TestServer;
let bench: Awaited<ReturnType<typeof workbench>>;
beforeAll(async () => {
  [mlflow, server, bench] = await Promise.all([startMlflow(), startTestServer(), workbench()]);
  const [pipeline] = SAMPLE_SERVICES;
  await writeFile(
    paths(server.data).registries,
    JSON.stringify({
      announcer: { clientId: pipeline?.clientId, clientSecret: pipeline?.secret },
      registries: [
        {
          kind: 'mlflow',
          name: 'mlflow',
          url: mlflow.url,
          secrets: ['the-secret-of-tomorrow-2', SECRET],
          models: [{ model: MODEL, line: LINE, aliases: { sandbox: 'champion' } }],
        },
      ],
    }),
  );
  await server.restart();
  const made = await mlflow.api('POST', '/webhooks', {
    name: 'countersign',
    url: `${server.baseUrl}/hooks/mlflow`,
    events: ['MODEL_VERSION CREATED', 'MODEL_VERSION_TAG SET', 'MODEL_VERSION_TAG DELETED', 'MODEL_VERSION_ALIAS CREATED'].map(
      (one) => {
        const [entity, action] = one.split(' ');
        return { entity, action };
      },
    ),
    secret: SECRET,
    status: 'ACTIVE',
  });
  webhook = (made as { webhook: { webhook_id: string } }).webhook.webhook_id;
}, MLFLOW_COLD_MS);
afterAll(async () => {
  await Promise.all([mlflow?.stop(), server?.stop(), bench?.close()]);
});

/** What a training job does, in one Python script: `log_model` with the example's own model, and the request where one is asked. */
async function train(example: string, promote?: { scenario: string; to: 'run' | 'api' }): Promise<string> {
  const features = await featuresOf(example);
  const asked = {
    model: MODEL,
    params: { penalty: 'l2', C: '1.0', solver: 'lbfgs' },
    features: features.map(({ name, type }) => ({ name, type })),
    folder: join(EXAMPLE, 'versions', example, 'model'),
    evaluation: join(EXAMPLE, 'data/slices/evaluation-2026-q3.csv'),
    metrics: { auc_of_training: 0.7 },
    ...(promote && {
      promote: {
        to: promote.to,
        work: bench.root,
        manifest: { ...(await manifestAt(promote.scenario)), features },
        server: server.baseUrl,
        token: server.token,
      },
    }),
  };
  const out = await mlflow.python(join(import.meta.dirname, '../mlflow/train.py'), [JSON.stringify(asked)]);
  return (JSON.parse(out.trim().split('\n').at(-1) ?? '') as { version: string }).version;
}

async function listed(model: string, folder = ''): Promise<string[]> {
  const ask = folder === '' ? '' : `?artifact_directory_path=${folder}`;
  const { files } = (await mlflow.api('GET', `/logged-models/${model}/artifacts/directories${ask}`)) as {
    files: { path: string; is_dir: boolean }[];
  };
  return (await Promise.all(files.map((one) => (one.is_dir ? listed(model, one.path) : [one.path])))).flat();
}

const servedBy = (version: string, files: readonly string[]): Promise<Served[]> =>
  Promise.all(
    files.map(async (path) => {
      const answer = await fetch(
        `${mlflow.url}/model-versions/get-artifact?${new URLSearchParams({ name: MODEL, version, path })}`,
      );
      return { path, bytes: new Uint8Array(await answer.arrayBuffer()) };
    }),
  );

const ask = (version: string) =>
  mlflow.api('POST', '/model-versions/set-tag', { name: MODEL, version, key: 'countersign.request', value: 'sandbox' });

async function versionNow(version: string) {
  const { model_version } = (await mlflow.api('GET', `/model-versions/get?name=${MODEL}&version=${version}`)) as {
    model_version: { tags?: { key: string; value: string }[]; aliases?: string[] };
  };
  const tags = Object.fromEntries((model_version.tags ?? []).map(({ key, value }) => [key, value]));
  return { tags, aliases: model_version.aliases ?? [] };
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>, ms = 30_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) {
      const [, seen = ''] = /<h2 id="registries">([\s\S]*?)<\/table>/.exec(await inbox()) ?? [];
      throw new Error(`${what} did not happen; the inbox: ${seen.replace(/<[^>]*>/g, ' ')}`);
    }
    await sleep(50);
  }
}

const openRequest = () =>
  until('a request', async () => {
    const text = await (await (await server.as('alice')).get('/', { accept: 'text/html' })).text();
    return /req-[a-z2-7]{26}/.exec(text)?.[0];
  });

const released = (version: string) =>
  until(`version ${version} told of its end`, async () => {
    const now = await versionNow(version);
    // The tag that asked goes last.
    return now.tags['countersign.event'] !== undefined && now.tags['countersign.request'] === undefined && now;
  });

describe('R66 a real MLflow server', () => {
  it('R24 the first version goes from log_model to the committee and to the champion alias', async () => {
    await train('v01', { scenario: 'scenarios/01-in-band-retrain/1-v01.yaml', to: 'run' });
    const id = await openRequest();
    await until('a path', async () => (await status(id)).state === 'needsRationale');
    await server.people.writeRationale(id, 'german-credit-pd 1');
    await until('voting', async () => (await status(id)).state === 'voting');
    expect((await versionNow('1')).aliases).toEqual([]);
    await server.people.approve(id);
    const { tags, aliases } = await released('1');
    expect(aliases).toEqual(['champion']);
    const { eventHash, outcome } = await status(id);
    expect(outcome).toBe('approved');
    expect(tags).toMatchObject({
      'countersign.event': eventHash,
      'countersign.outcome': 'approved',
      'countersign.path': 'committee',
    });
  }, 120_000);

  it('R2 the monthly retrain goes the automated path and moves the alias without anybody', async () => {
    await train('v02', { scenario: 'scenarios/01-in-band-retrain/2-v02.yaml', to: 'run' });
    const { tags, aliases } = await released('2');
    expect(tags).toMatchObject({ 'countersign.outcome': 'approved', 'countersign.path': 'automated' });
    expect(aliases).toEqual(['champion']);
    expect((await versionNow('1')).aliases).toEqual([]);
  }, 120_000);

  it('R16 sent to the API instead, and refused: the version gets its tags, and no alias', async () => {
    // The same explanation again, for another model: somebody did not compute it anew (R48).
    const version = await train('v02', { scenario: 'scenarios/01-in-band-retrain/2-v02.yaml', to: 'api' });
    const { tags, aliases } = await released(version);
    expect(tags).toMatchObject({ 'countersign.outcome': 'refused' });
    expect(aliases).toEqual([]);
    expect((await versionNow('2')).aliases).toEqual(['champion']);
  }, 120_000);

  it('a test delivery and a version without the tag ask for nothing', async () => {
    const answer = await mlflow.api('POST', `/webhooks/${webhook}/test`, {});
    expect(answer).toMatchObject({ result: { success: true, response_status: 202 } });
    expect(await inbox()).not.toContain('From the registries');
  });

  it('R20 a lost hook is found by the sweep; without a request the version waits, seen, for evidence', async () => {
    await mlflow.api('PATCH', `/webhooks/${webhook}`, { status: 'DISABLED' });
    const version = await train('v02');
    await ask(version);
    await sleep(500);
    expect(await inbox()).not.toContain('From the registries');
    await server.restart();
    const page = await until('the entry', async () => {
      const text = await inbox();
      return text.includes('needs evidence') && text;
    });
    expect(page).toContain(`${MODEL} ${version}`);
    expect(page).toContain('countersign/request.json');
    await mlflow.api('PATCH', `/webhooks/${webhook}`, { status: 'ACTIVE' });
  }, 120_000);

  it('R69 self-audit says what the champion has, and of one that nobody sealed what it lacks', async () => {
    await mlflow.api('POST', '/registered-models/create', { name: 'other' });
    const { source } = await approvedNow();
    const [, id = ''] = /(m-[0-9a-f]{32})/.exec(source) ?? [];
    const made = await mlflow.api('POST', '/model-versions/create', { name: 'other', source: `models:/${id}`, model_id: id });
    expect(made).toBeDefined();
    await mlflow.api('POST', '/registered-models/alias', { name: 'other', alias: 'champion', version: '1' });
    const { out, exit } = await countersign(['self-audit', 'mlflow', mlflow.url, '--json']);
    expect(exit).toBe(0);
    const states = Object.fromEntries(
      (JSON.parse(out) as { model: string; fields: { field: string; state: string }[] }[]).map(({ model, fields }) => [
        model,
        fields.map(({ state }) => state),
      ]),
    );
    expect(states).toEqual({
      [MODEL]: Array(6).fill('frozen'),
      other: ['mutable', 'mutable', 'mutable', 'absent', 'absent', 'mutable'],
    });
  }, 60_000);

  it('R21 an alias moved by hand is an alarm, and the gate knows nothing of it', async () => {
    await mlflow.api('POST', '/registered-models/alias', { name: MODEL, alias: 'champion', version: '1' });
    await server.restart();
    await until('the alarm', async () => server.logs.some(({ event }) => event === 'aliasMoved'));
    expect(server.logs.findLast(({ event }) => event === 'aliasMoved')).toMatchObject({ found: '1', expected: '2' });
    expect(await inbox()).toContain('moved by hand');
    // Nobody moves it back for them: who did it, and why, is for people to find out.
    expect((await versionNow('1')).aliases).toEqual(['champion']);
    const { event, files } = await approvedNow();
    expect(await gate(event, files)).toMatchObject({ verdict: 'allow' });
  }, 120_000);

  it('R4 an artefact overwritten after its approval is refused at the gate', async () => {
    const { event, files, source } = await approvedNow();
    const weights = files.find(({ path }) => path.endsWith('weights.json'))?.path ?? '';
    await mlflow.put(`${source.replace('mlflow-artifacts:/', '')}/${weights}`, new TextEncoder().encode('{}'));
    const served = await servedBy(
      '2',
      files.map(({ path }) => path),
    );
    expect(await gate(event, served)).toMatchObject({ verdict: 'deny', code: 'ARTEFACT_MISMATCH' });
  });
});

const inbox = async (): Promise<string> => (await (await server.as('alice')).get('/', { accept: 'text/html' })).text();

/** Version 2 as it is served now, and the event in its tags. */
async function approvedNow() {
  const { tags } = await versionNow('2');
  const { artifact_uri: source } = (await mlflow.api('GET', `/model-versions/get-download-uri?name=${MODEL}&version=2`)) as {
    artifact_uri: string;
  };
  const [, model = ''] = /(m-[0-9a-f]{32})/.exec(source) ?? [];
  return { event: tags['countersign.event'] ?? '', source, files: await servedBy('2', await listed(model)) };
}

async function gate(event: string, served: readonly Served[]): Promise<unknown> {
  const files = served.map(({ path, bytes }) => ({ path, digest: digestOf(bytes) }));
  const manifest = digestOf(omsManifestBytes(files, MODEL));
  const ask = new URLSearchParams({ line: LINE, event, root: omsRootOf(files), manifest });
  return (await server.client.fetch(`/gate/sandbox?${ask}`)).json();
}

async function status(id: string): Promise<{ state: string; outcome: string | null; eventHash: string | null }> {
  const answer = await server.client.fetch(`/requests/${id}/status`);
  return (await answer.json()) as { state: string; outcome: string | null; eventHash: string | null };
}
