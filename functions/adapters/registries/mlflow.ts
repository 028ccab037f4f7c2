// MLflow's registry over its REST API, and its webhooks. MLflow has no hash of anything it stores and lets whoever reaches it
// overwrite files in place, so all bytes are read through its server and hashed here.
import type { z } from 'zod';
import { digestFromHex, hexOf } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Wish } from '../../domain/hint.ts';
import { BAD_HOOK, type HookKeys, type RawHook, verifyHook } from '../../domain/hook.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import { type Instant, Name } from '../../domain/text.ts';
import type { Aliased, Heard, Move, Note, Place, Registry, Snapshot } from '../../registry.ts';
import { OUR_PREFIX, REQUEST_FOLDER, REQUEST_TAG } from '../../registry.ts';
import { gathered, RegistryHttp } from './http.ts';
import { hashedFiles, homeOf, inputsIn, type Listed, listFiles, modelFile, runFile } from './mlflow-files.ts';
import {
  DatasetProfile,
  Delivery,
  LoggedModelAnswer,
  RegisteredModelAnswer,
  RunAnswer,
  type Version,
  VersionAnswer,
  VersionsAnswer,
} from './mlflow-wire.ts';

export type MlflowOptions = {
  readonly name: string;
  readonly url: string;
  readonly keys: HookKeys;
  /** Basic authentication, or a bearer token, or neither. */
  readonly authorization?: string;
  readonly workspace?: string;
  readonly patienceMs?: number;
};

const API = '/api/2.0/mlflow';
/** A request holds digests and figures; its bytes are blobs beside it. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

const query = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString();
const fault = (message: string) => new InfrastructureError(message, { retryable: true });

export function createMlflow({ name, url, keys, authorization, workspace, patienceMs }: MlflowOptions): Registry {
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(workspace === undefined ? {} : { 'x-mlflow-workspace': workspace }),
  };
  const http = new RegistryHttp({ url, headers, ...(patienceMs === undefined ? {} : { patienceMs }) });
  return {
    name,
    verify: (raw, at) => verify(name, keys, raw, at),
    resolve: (wish) => resolve(http, wish),
    open: (wish, place) => open(http, wish, place),
    writeBack: (note) => writeBack(http, note),
    moveAlias: (move) => moveAlias(http, move),
    sweep: (model) => sweep(http, name, model),
    checkProduction: (model) => checkProduction(http, model),
  };
}

function verify(registry: string, keys: HookKeys, raw: RawHook, at: Instant): Result<Heard> {
  const delivery = verifyHook('mlflow', raw, keys, Date.parse(at));
  if (!delivery.ok) return delivery;
  const read = Delivery.safeParse(jsonIn(raw.body));
  // Signed by who knows the secret, and nothing MLflow sends: the same answer as to anybody else.
  if (!read.success) return fail(BAD_HOOK);
  return ok({ delivery: delivery.value, ...heardIn(registry, read.data) });
}

type What = { readonly kind: 'request'; readonly wish: Wish } | { readonly kind: 'look' } | { readonly kind: 'nothing' };

/** `created` comes before the pipeline has logged anything; what asks is the tag, and only that. */
function heardIn(registry: string, { entity, action, data }: z.infer<typeof Delivery>): What {
  if (entity === 'model_version_alias') return { kind: 'look' };
  const { name: model, version } = data;
  const asked =
    entity === 'model_version_tag' && action === 'set' && data.key === REQUEST_TAG
      ? data.value
      : entity === 'model_version' && action === 'created'
        ? data.tags?.[REQUEST_TAG]
        : undefined;
  const environment = Name.safeParse(asked);
  if (model === undefined || version === undefined || !environment.success) return { kind: 'nothing' };
  return { kind: 'request', wish: { registry, model, version, environment: environment.data } };
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined; // the caller answers as to every bad hook
  }
}

export async function versionOf(
  http: RegistryHttp,
  { model, version }: Pick<Wish, 'model' | 'version'>,
): Promise<Version | undefined> {
  const answer = await http.read(VersionAnswer, `${API}/model-versions/get?${query({ name: model, version })}`);
  return answer?.model_version;
}

/** Made by a run, or by a logged model that a run made: params and metrics may hang on either. */
export async function madeBy(http: RegistryHttp, version: Version) {
  const home = homeOf(version);
  const id = home !== undefined && 'model' in home ? home.model : undefined;
  const logged = id === undefined ? undefined : (await http.read(LoggedModelAnswer, `${API}/logged-models/${id}`))?.model;
  const run = version.run_id || logged?.info.source_run_id || null;
  const made = run === null ? undefined : (await http.read(RunAnswer, `${API}/runs/get?${query({ run_id: run })}`))?.run;
  return { run, logged: logged?.data, data: made?.data, datasets: made?.inputs.dataset_inputs ?? [] };
}

async function resolve(http: RegistryHttp, wish: Wish): Promise<Result<Snapshot>> {
  const version = await versionOf(http, wish);
  if (version === undefined) return fail(problem('NOT_FOUND', '/model/version', 'the registry has no such version'));
  if (version.status !== 'READY')
    return fail(problem('REGISTRY_MISMATCH', '/model/version', `the registry says ${version.status}, not READY`));
  const { run, logged, data, datasets } = await madeBy(http, version);
  const listed = await listFiles(http, version);
  if (!listed.ok) return listed;
  const files = await hashedFiles(listed.value, (path) => modelFile(http, version, path));
  const request = run === null ? undefined : await requestOf(http, run);
  if (request && !request.ok) return request;
  return ok({
    model: version.name,
    version: version.version,
    run,
    files,
    inputs: await declaredInputs(http, version, listed.value),
    params: Object.fromEntries([...(data?.params ?? []), ...(logged?.params ?? [])].map(({ key, value }) => [key, value])),
    metrics: [...(logged?.metrics ?? []), ...(data?.metrics ?? [])].map(({ key, value }) => ({ name: key, value })),
    datasets: datasets.map(({ dataset: { name, digest, profile } }) => ({ name, digest, rows: rowsIn(profile) })),
    request: request?.value ?? null,
  });
}

function rowsIn(profile: string | undefined): number | null {
  const read = DatasetProfile.safeParse(jsonIn(new TextEncoder().encode(profile ?? '')));
  return read.success ? read.data.num_rows : null;
}

async function requestOf(http: RegistryHttp, run: string): Promise<Result<Uint8Array> | undefined> {
  const pieces = await runFile(http, run, `${REQUEST_FOLDER}/request.json`);
  if (pieces === undefined) return undefined;
  const bytes = await gathered(pieces, MAX_REQUEST_BYTES);
  if (bytes !== undefined) return ok(bytes);
  return fail(problem('BODY_TOO_LARGE', '', `${REQUEST_FOLDER}/request.json holds more than ${MAX_REQUEST_BYTES} bytes`));
}

async function declaredInputs(http: RegistryHttp, version: Version, listed: readonly Listed[]) {
  if (!listed.some(({ path }) => path === 'MLmodel')) return null;
  const pieces = await modelFile(http, version, 'MLmodel');
  const bytes = pieces === undefined ? undefined : await gathered(pieces, MAX_REQUEST_BYTES);
  return bytes === undefined ? null : inputsIn(bytes);
}

async function open(http: RegistryHttp, wish: Wish, place: Place) {
  const version = await versionOf(http, wish);
  if (version === undefined) return undefined;
  if (place.kind === 'model') return modelFile(http, version, place.path);
  const { run } = await madeBy(http, version);
  return run === null ? undefined : runFile(http, run, `${REQUEST_FOLDER}/blobs/${hexOf(digestFromHex(hexOf(place.digest)))}`);
}

/** Tags, then the alias, then read back. What is right already is left alone, so that a repeat sends no hooks. */
async function writeBack(http: RegistryHttp, note: Note): Promise<void> {
  const { model: name, version } = note.wish;
  const wanted = {
    [`${OUR_PREFIX}event`]: note.event,
    [`${OUR_PREFIX}outcome`]: note.outcome,
    [`${OUR_PREFIX}path`]: note.path,
    [`${OUR_PREFIX}request-id`]: note.requestId,
  };
  const before = await versionNow(http, note.wish);
  const tags = new Map(before.tags.map(({ key, value }) => [key, value]));
  for (const [key, value] of Object.entries(wanted))
    if (tags.get(key) !== value) await http.write('POST', `${API}/model-versions/set-tag`, { name, version, key, value });
  if (note.alias !== null && !before.aliases.includes(note.alias))
    await http.write('POST', `${API}/registered-models/alias`, { name, alias: note.alias, version });
  // Answered: the next request is the next time somebody sets it.
  if (tags.get(REQUEST_TAG) === note.wish.environment)
    await http.write('DELETE', `${API}/model-versions/delete-tag`, { name, version, key: REQUEST_TAG });
  const after = await versionNow(http, note.wish);
  const stands = new Map(after.tags.map(({ key, value }) => [key, value]));
  const missing = Object.entries(wanted).filter(([key, value]) => stands.get(key) !== value);
  const aliased = note.alias === null || after.aliases.includes(note.alias);
  if (missing.length > 0 || !aliased) throw fault(`${name} ${version}: what was written does not read back`);
}

async function versionNow(http: RegistryHttp, wish: Wish): Promise<Version> {
  const version = await versionOf(http, wish);
  if (version === undefined) throw fault(`${wish.model} ${wish.version} is no longer in the registry`);
  return version;
}

/** Read before and after: setting what stands already would send a hook each time. */
async function moveAlias(http: RegistryHttp, { model: name, alias, version }: Move): Promise<void> {
  const now = async () => (await checkProduction(http, name)).find((one) => one.alias === alias)?.version ?? null;
  if ((await now()) === version) return;
  if (version === null) await http.write('DELETE', `${API}/registered-models/alias`, { name, alias });
  else await http.write('POST', `${API}/registered-models/alias`, { name, alias, version });
  if ((await now()) !== version) throw fault(`${name} ${alias}: what was written does not read back`);
}

/** MLflow moves no time when a tag is set, so there is no "since": all that still asks is found. */
async function sweep(http: RegistryHttp, registry: string, model: string): Promise<Wish[]> {
  const found: Wish[] = [];
  // A quote in a name would end the filter's text; MLflow has no way to write one.
  if (model.includes("'")) return found;
  let page: string | undefined;
  do {
    const filter = `name='${model}' AND tags.\`${REQUEST_TAG}\` LIKE '%'`;
    const path = `${API}/model-versions/search?${query({ filter, max_results: '200', ...(page ? { page_token: page } : {}) })}`;
    const answer = await http.read(VersionsAnswer, path, []);
    for (const { name, version, tags } of answer?.model_versions ?? []) {
      const environment = Name.safeParse(tags.find(({ key }) => key === REQUEST_TAG)?.value);
      if (environment.success && name === model) found.push({ registry, model, version, environment: environment.data });
    }
    page = answer?.next_page_token || undefined;
  } while (page !== undefined && found.length < 10_000);
  return found;
}

async function checkProduction(http: RegistryHttp, model: string): Promise<readonly Aliased[]> {
  const answer = await http.read(RegisteredModelAnswer, `${API}/registered-models/get?${query({ name: model })}`);
  return answer?.registered_model.aliases ?? [];
}
