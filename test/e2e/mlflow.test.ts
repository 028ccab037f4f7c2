// R16, R24, R66: from `mlflow.log_model` in Python to the alias that Countersign moves, against a real MLflow server.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  approvedByPeople,
  ask,
  gate,
  inbox,
  type MlflowBench,
  openMlflowBench,
  openRequest,
  PLACES,
  python,
  released,
  servedBy,
  status,
  until,
  versionNow,
} from '../mlflow/bench.ts';
import { faults } from '../mlflow/faults.ts';
import { generated } from '../mlflow/generated.ts';
import { rollback } from '../mlflow/rollback.ts';
import { MLFLOW_COLD_MS } from '../mlflow/server.ts';
import { countersign } from '../support/command.ts';
import { EXAMPLE, manifestAt } from '../support/promote.ts';
import { featuresOf } from '../support/registry.ts';

const { model: MODEL } = PLACES.example;
const TWO = { model: MODEL, version: '2' };

let bench: MlflowBench;
beforeAll(async () => {
  bench = await openMlflowBench();
}, MLFLOW_COLD_MS);
afterAll(() => bench?.close());

type Promote = { readonly scenario: string; readonly to: 'run' | 'api' };

/** What a training job does, in one Python script: `log_model` with the example's own model, and the request where one is asked. */
async function train(example: string, promote?: Promote): Promise<string> {
  const { server, work } = bench;
  const features = await featuresOf(example);
  const asked = {
    model: MODEL,
    params: { penalty: 'l2', C: '1.0', solver: 'lbfgs' },
    features: features.map(({ name, type }) => ({ name, type })),
    folder: join(EXAMPLE, 'versions', example, 'model'),
    inputs: [{ file: join(EXAMPLE, 'data/slices/evaluation-2026-q3.csv'), name: 'evaluation', context: 'evaluation' }],
    metrics: { auc_of_training: 0.7 },
    ...(promote && {
      promote: {
        to: promote.to,
        work: work.root,
        manifest: { ...(await manifestAt(promote.scenario)), features },
        server: server.baseUrl,
        token: server.token,
      },
    }),
  };
  const out = await python(bench, join(import.meta.dirname, '../mlflow/train.py'), [JSON.stringify(asked)]);
  return (JSON.parse(out.trim().split('\n').at(-1) ?? '') as { version: string }).version;
}

async function listed(model: string, folder = ''): Promise<string[]> {
  const query = folder === '' ? '' : `?artifact_directory_path=${folder}`;
  const { files } = (await bench.mlflow.api('GET', `/logged-models/${model}/artifacts/directories${query}`)) as {
    files: { path: string; is_dir: boolean }[];
  };
  return (await Promise.all(files.map((one) => (one.is_dir ? listed(model, one.path) : [one.path])))).flat();
}

describe('R66 a real MLflow server', () => {
  it('R24 the first version goes from log_model to the committee and to the champion alias', async () => {
    await train('v01', { scenario: 'scenarios/01-in-band-retrain/1-v01.yaml', to: 'run' });
    const id = await openRequest(bench, []);
    await until(bench, 'a path', async () => (await status(bench, id)).state === 'needsRationale');
    expect((await versionNow(bench, MODEL, '1')).aliases).toEqual([]);
    await approvedByPeople(bench, id, 'german-credit-pd 1');
    const { tags, aliases } = await released(bench, MODEL, '1');
    expect(aliases).toEqual(['champion']);
    const { eventHash, outcome } = await status(bench, id);
    expect(outcome).toBe('approved');
    expect(tags).toMatchObject({
      'countersign.event': eventHash,
      'countersign.outcome': 'approved',
      'countersign.path': 'committee',
    });
  }, 120_000);

  it('R2 the monthly retrain goes the automated path and moves the alias without anybody', async () => {
    await train('v02', { scenario: 'scenarios/01-in-band-retrain/2-v02.yaml', to: 'run' });
    const { tags, aliases } = await released(bench, MODEL, '2');
    expect(tags).toMatchObject({ 'countersign.outcome': 'approved', 'countersign.path': 'automated' });
    expect(aliases).toEqual(['champion']);
    expect((await versionNow(bench, MODEL, '1')).aliases).toEqual([]);
  }, 120_000);

  it('R16 sent to the API instead, and refused: the version gets its tags, and no alias', async () => {
    // The same explanation again, for another model: somebody did not compute it anew (R48).
    const version = await train('v02', { scenario: 'scenarios/01-in-band-retrain/2-v02.yaml', to: 'api' });
    const { tags, aliases } = await released(bench, MODEL, version);
    expect(tags).toMatchObject({ 'countersign.outcome': 'refused' });
    expect(aliases).toEqual([]);
    expect((await versionNow(bench, MODEL, '2')).aliases).toEqual(['champion']);
  }, 120_000);

  it('a test delivery and a version without the tag ask for nothing', async () => {
    const answer = await bench.mlflow.api('POST', `/webhooks/${bench.webhook}/test`, {});
    expect(answer).toMatchObject({ result: { success: true, response_status: 202 } });
    expect(await inbox(bench)).not.toContain('From the registries');
  });

  it('R20 a lost hook is found by the sweep; without a request the version waits, seen, for evidence', async () => {
    const { mlflow, server, webhook } = bench;
    await mlflow.api('PATCH', `/webhooks/${webhook}`, { status: 'DISABLED' });
    const version = await train('v02');
    await ask(bench, MODEL, version);
    await sleep(500);
    expect(await inbox(bench)).not.toContain('From the registries');
    await server.restart();
    const page = await until(bench, 'the entry', async () => {
      const text = await inbox(bench);
      return text.includes('needs evidence') && text;
    });
    expect(page).toContain(`${MODEL} ${version}`);
    expect(page).toContain('countersign/request.json');
    await mlflow.api('PATCH', `/webhooks/${webhook}`, { status: 'ACTIVE' });
  }, 120_000);

  it('R69 self-audit says what the champion has, and of one that nobody sealed what it lacks', async () => {
    const { mlflow } = bench;
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
    const { mlflow, server } = bench;
    await mlflow.api('POST', '/registered-models/alias', { name: MODEL, alias: 'champion', version: '1' });
    await server.restart();
    await until(bench, 'the alarm', async () => server.logs.some(({ event }) => event === 'aliasMoved'));
    expect(server.logs.findLast(({ event }) => event === 'aliasMoved')).toMatchObject({ found: '1', expected: '2' });
    expect(await inbox(bench)).toContain('moved by hand');
    // Nobody moves it back for them: who did it, and why, is for people to find out.
    expect((await versionNow(bench, MODEL, '1')).aliases).toEqual(['champion']);
    const { event, files } = await approvedNow();
    expect(await gate(bench, PLACES.example, event, files)).toMatchObject({ verdict: 'allow' });
  }, 120_000);

  it('R4 an artefact overwritten after its approval is refused at the gate', async () => {
    const { event, files, source } = await approvedNow();
    const names = files.map(({ path }) => path);
    const weights = names.find((path) => path.endsWith('weights.json')) ?? '';
    await bench.mlflow.put(`${source.replace('mlflow-artifacts:/', '')}/${weights}`, new TextEncoder().encode('{}'));
    const served = await servedBy(bench, TWO, names);
    expect(await gate(bench, PLACES.example, event, served)).toMatchObject({ verdict: 'deny', code: 'ARTEFACT_MISMATCH' });
  });
});

generated(() => bench);
rollback(() => bench);
faults(() => bench);

/** Version 2 as it is served now, and the event in its tags. */
async function approvedNow() {
  const { tags } = await versionNow(bench, MODEL, '2');
  const uri = `/model-versions/get-download-uri?name=${MODEL}&version=2`;
  const { artifact_uri: source } = (await bench.mlflow.api('GET', uri)) as { artifact_uri: string };
  const [, model = ''] = /(m-[0-9a-f]{32})/.exec(source) ?? [];
  return { event: tags['countersign.event'] ?? '', source, files: await servedBy(bench, TWO, await listed(model)) };
}
