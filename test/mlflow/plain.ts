// A version made over MLflow's REST API alone, with the example's files, and its request logged beside it: seconds less than Python.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { hexOf } from '../../functions/domain/digest.ts';
import { EXAMPLE } from '../support/promote.ts';
import { bytesOfBlob, type Served } from '../support/registry.ts';
import type { MlflowBench } from './bench.ts';

export type Plain = {
  readonly model: string;
  readonly line: string;
  /** Folder of the example, and the promotion of it that is asked for. */
  readonly example: string;
  readonly scenario: string;
  readonly more?: readonly Served[];
  /** A data set that the run says it was made with. */
  readonly dataset?: { readonly name: string; readonly digest: string; readonly rows: number };
};

/** Answers the version, which nobody asks for yet, and where its files lie on the server. */
export async function logged(bench: MlflowBench, { model, line, example, scenario, more = [], dataset }: Plain) {
  const { mlflow, server, work } = bench;
  const named = encodeURIComponent(model);
  const known = await mlflow.api('GET', `/experiments/get-by-name?experiment_name=${named}`).catch(() => undefined);
  const { experiment_id } =
    (known as { experiment: { experiment_id: string } } | undefined)?.experiment ??
    ((await mlflow.api('POST', '/experiments/create', { name: model })) as { experiment_id: string });
  const { run } = (await mlflow.api('POST', '/runs/create', { experiment_id, start_time: 1 })) as {
    run: { info: { run_id: string; artifact_uri: string } };
  };
  const { run_id: id, artifact_uri } = run.info;
  const at = artifact_uri.replace('mlflow-artifacts:/', '');
  const folder = join(EXAMPLE, 'versions', example, 'model');
  const files = (await readdir(folder)).map(async (path) => ({ path, bytes: await readFile(join(folder, path)) }));
  const served: Served[] = [...(await Promise.all(files)), ...more];
  for (const { path, bytes } of served) await mlflow.put(`${at}/model/${path}`, bytes);
  if (dataset) {
    const { name, digest, rows } = dataset;
    const profile = JSON.stringify({ num_rows: rows });
    const told = { name, digest, source_type: 'local', source: '{"uri":"file"}', profile };
    await mlflow.api('POST', '/runs/log-inputs', { run_id: id, datasets: [{ dataset: told, tags: [] }] });
  }
  await mlflow.api('POST', '/registered-models/create', { name: model }).catch(() => undefined);
  const made = await mlflow.api('POST', '/model-versions/create', { name: model, source: `runs:/${id}/model`, run_id: id });
  const { version } = (made as { model_version: { version: string } }).model_version;
  const baselines = await server.client.baselines(line, 'sandbox');
  if (!baselines.ok) throw new Error(JSON.stringify(baselines.problems));
  const { request, blobs } = await work.build(scenario, version, served, id, baselines.value, model);
  const own = new Set(request.model.files.map(({ digest }) => digest));
  await mlflow.put(`${at}/countersign/request.json`, canonicalBytes(request));
  for (const [digest, blob] of blobs)
    if (!own.has(digest)) await mlflow.put(`${at}/countersign/blobs/${hexOf(digest)}`, await bytesOfBlob(blob));
  return { version, at };
}
