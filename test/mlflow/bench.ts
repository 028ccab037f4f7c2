// One real MLflow server and one Countersign connected with it: what every test on the real server starts from.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { paths } from '../../cli/embedded.ts';
import { SAMPLE_SERVICES } from '../../functions/adapters/local/sample-people.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../../functions/domain/oms.ts';
import { commandsOf } from '../support/recipe.ts';
import { type Served, workbench } from '../support/registry.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startThrottle, type Throttle } from '../support/throttle.ts';
import { type MlflowServer, startMlflow } from './server.ts';

export const SECRET = 'a-secret-of-this-test-1';

/** A model of its own for each group of tests: they share the servers and none of the history. */
export const PLACES = {
  example: { model: 'german-credit-pd', line: 'german-credit-01-in-band-retrain' },
  generated: { model: 'gc-generated', line: 'german-credit-02-threshold-moved' },
  orders: { model: 'gc-orders', line: 'german-credit-03-feature-known-family' },
  slow: { model: 'gc-slow', line: 'german-credit-04-feature-dropped' },
} as const;
type Place = (typeof PLACES)[keyof typeof PLACES];

export type MlflowBench = {
  readonly mlflow: MlflowServer;
  readonly server: TestServer;
  readonly work: Awaited<ReturnType<typeof workbench>>;
  /** Between the registry `slow` and the same MLflow server. */
  readonly throttle: Throttle;
  readonly webhook: string;
  readonly close: () => Promise<void>;
};

export async function openMlflowBench(): Promise<MlflowBench> {
  const [mlflow, server, work] = await Promise.all([startMlflow(), startTestServer(), workbench()]);
  const throttle = await startThrottle(Number(new URL(mlflow.url).port));
  const [pipeline] = SAMPLE_SERVICES;
  const connected = (...places: Place[]) =>
    places.map(({ model, line }) => ({ model, line, aliases: { sandbox: 'champion' } }));
  const common = { kind: 'mlflow', secrets: ['the-secret-of-tomorrow-2', SECRET] };
  await writeFile(
    paths(server.data).registries,
    JSON.stringify({
      announcer: { clientId: pipeline?.clientId, clientSecret: pipeline?.secret },
      registries: [
        { ...common, name: 'mlflow', url: mlflow.url, models: connected(PLACES.example, PLACES.generated, PLACES.orders) },
        { ...common, name: 'slow', url: throttle.url, models: connected(PLACES.slow) },
      ],
    }),
  );
  await server.restart();
  const webhook = await webhookOfThePage(mlflow, server);
  const close = async () => {
    await Promise.all([mlflow.stop(), server.stop(), work.close(), throttle.close()]);
  };
  return { mlflow, server, work, throttle, webhook, close };
}

/** As docs/registries.md says to make it. */
async function webhookOfThePage(mlflow: MlflowServer, server: TestServer): Promise<string> {
  const [command = ''] = await commandsOf('docs/registries.md', '## MLflow');
  const env = { ...process.env, MLFLOW: mlflow.url, AT: server.baseUrl, SECRET };
  const { stdout } = await promisify(execFile)('sh', ['-euc', command], { env });
  return (JSON.parse(stdout) as { webhook: { webhook_id: string } }).webhook.webhook_id;
}

export async function webhookTo(mlflow: MlflowServer, url: string): Promise<string> {
  const kinds = ['MODEL_VERSION CREATED', 'MODEL_VERSION_TAG SET', 'MODEL_VERSION_TAG DELETED', 'MODEL_VERSION_ALIAS CREATED'];
  const events = kinds.map((one) => {
    const [entity, action] = one.split(' ');
    return { entity, action };
  });
  const made = await mlflow.api('POST', '/webhooks', { name: 'countersign', url, events, secret: SECRET, status: 'ACTIVE' });
  return (made as { webhook: { webhook_id: string } }).webhook.webhook_id;
}

export async function versionNow({ mlflow }: MlflowBench, model: string, version: string) {
  const { model_version } = (await mlflow.api('GET', `/model-versions/get?name=${model}&version=${version}`)) as {
    model_version: { tags?: { key: string; value: string }[]; aliases?: string[] };
  };
  const tags = Object.fromEntries((model_version.tags ?? []).map(({ key, value }) => [key, value]));
  return { tags, aliases: model_version.aliases ?? [] };
}

export const ask = ({ mlflow }: MlflowBench, model: string, version: string) =>
  mlflow.api('POST', '/model-versions/set-tag', { name: model, version, key: 'countersign.request', value: 'sandbox' });

export const inbox = async ({ server }: MlflowBench): Promise<string> =>
  (await (await server.as('alice')).get('/', { accept: 'text/html' })).text();

export async function until<T>(
  bench: MlflowBench,
  what: string,
  look: () => Promise<T | undefined | false>,
  ms = 30_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) {
      const [, seen = ''] = /<h2 id="registries">([\s\S]*?)<h2/.exec(await inbox(bench)) ?? [];
      const told = JSON.stringify(bench.server.logs.filter(({ level }) => level !== 'info').slice(-5));
      throw new Error(`${what} did not happen; the inbox: ${seen.replace(/<[^>]*>|\s+/g, ' ')}; the log: ${told}`);
    }
    await sleep(50);
  }
}

type Status = { readonly state: string; readonly outcome: string | null; readonly eventHash: string | null };

export async function status({ server }: MlflowBench, id: string): Promise<Status> {
  return (await (await server.client.fetch(`/requests/${id}/status`)).json()) as Status;
}

export const requestsIn = async (bench: MlflowBench): Promise<string[]> => [
  ...new Set((await inbox(bench)).match(/req-[a-z2-7]{26}/g) ?? []),
];

/** A request that stands in the inbox and did not before. */
export const openRequest = (bench: MlflowBench, before: readonly string[]) =>
  until(bench, 'a request', async () => (await requestsIn(bench)).find((id) => !before.includes(id)));

/** The people of the line say why, and approve. */
export async function approvedByPeople(bench: MlflowBench, id: string, what: string): Promise<void> {
  await until(bench, 'a path', async () => (await status(bench, id)).state === 'needsRationale');
  await bench.server.people.writeRationale(id, what);
  await until(bench, 'voting', async () => (await status(bench, id)).state === 'voting');
  await bench.server.people.approve(id);
}

export const released = (bench: MlflowBench, model: string, version: string) =>
  until(bench, `version ${version} of ${model} told of its end`, async () => {
    const now = await versionNow(bench, model, version);
    // The tag that asked goes last.
    return now.tags['countersign.event'] !== undefined && now.tags['countersign.request'] === undefined && now;
  });

/** Of a version by its name, or of a run by its folder. */
type From = { readonly model: string; readonly version: string } | { readonly run: string; readonly folder: string };

export const servedBy = ({ mlflow }: MlflowBench, from: From, files: readonly string[]): Promise<Served[]> =>
  Promise.all(
    files.map(async (path) => {
      const where =
        'run' in from
          ? `/get-artifact?${new URLSearchParams({ run_uuid: from.run, path: `${from.folder}/${path}` })}`
          : `/model-versions/get-artifact?${new URLSearchParams({ name: from.model, version: from.version, path })}`;
      return { path, bytes: new Uint8Array(await (await fetch(mlflow.url + where)).arrayBuffer()) };
    }),
  );

export async function gate({ server }: MlflowBench, { model, line }: Place, event: string, served: readonly Served[]) {
  const files = served.map(({ path, bytes }) => ({ path, digest: digestOf(bytes) }));
  const manifest = digestOf(omsManifestBytes(files, model));
  const query = new URLSearchParams({ line, event, root: omsRootOf(files), manifest });
  return (await server.client.fetch(`/gate/sandbox?${query}`)).json() as Promise<unknown>;
}

/** A script of ours in the environment of the real client. */
export const python = ({ mlflow, server }: MlflowBench, script: string, args: readonly string[]) =>
  mlflow.python(script, args, {
    PYTHONDONTWRITEBYTECODE: '1',
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
    PYTHONPATH: join(import.meta.dirname, '../../python'),
    COUNTERSIGN_SERVER: server.baseUrl,
    COUNTERSIGN_TOKEN: server.token,
  });
