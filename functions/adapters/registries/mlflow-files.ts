// The files of one version: listed by MLflow, read and hashed by us in pieces.
import { parse } from 'yaml';
import { sha256Stream } from '../../domain/crypto.ts';
import { digestFromHex } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import { FilePath } from '../../domain/model.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import type { ServedFile, ServedInput } from '../../registry.ts';
import type { RegistryHttp } from './http.ts';
import { FilesAnswer, Inputs, MlModel, type Version } from './mlflow-wire.ts';

export type Listed = { readonly path: string; readonly size: number | null };

const MAX_FILES = 10_000;
const MAX_DEPTH = 20;

/** Where the files of a version lie: a logged model of MLflow 3, or among the files of a run as in MLflow 2. */
export type Home = { readonly model: string } | { readonly run: string; readonly root: string };

/** Undefined for a source outside MLflow, whose files its server cannot list. */
export function homeOf({ source, run_id }: Version): Home | undefined {
  const [, model] = /^models:\/(m-[0-9a-f]{32})$/.exec(source) ?? [];
  if (model !== undefined) return { model };
  const [, named, inRun] = /^runs:\/([0-9a-f]{32})\/(.+)$/.exec(source) ?? [];
  if (named !== undefined && inRun !== undefined) return { run: named, root: inRun };
  const mark = `/${run_id}/artifacts/`;
  const at = run_id ? source.indexOf(mark) : -1;
  return run_id && at >= 0 ? { run: run_id, root: source.slice(at + mark.length) } : undefined;
}

const query = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString();

// Served by its own server, whatever store lies behind: no address out of an answer is opened.
export const runFile = (http: RegistryHttp, run: string, path: string) =>
  http.stream(`/get-artifact?${query({ run_uuid: run, path })}`);

/** MLflow serves no version whose source is `runs:/…` under its own name (it answers 500), so those come by their run. */
export async function modelFile(http: RegistryHttp, version: Version, path: string) {
  if (!FilePath.safeParse(path).success) return undefined;
  const home = homeOf(version);
  if (home !== undefined && 'run' in home) return runFile(http, home.run, `${home.root}/${path}`);
  const { name, version: number } = version;
  return http.stream(`/model-versions/get-artifact?${query({ name, version: number, path })}`);
}

const API = '/api/2.0/mlflow';

export async function listFiles(http: RegistryHttp, version: Version): Promise<Result<readonly Listed[]>> {
  const home = homeOf(version);
  if (home === undefined)
    return fail(problem('REGISTRY_MISMATCH', '/model/files', 'its files lie outside MLflow, which cannot list them'));
  const prefix = 'run' in home ? `${home.root}/` : '';
  const list = (folder: string) =>
    'run' in home
      ? pages(http, `${API}/artifacts/list`, { run_id: home.run, path: `${prefix}${folder}`.replace(/\/$/, '') })
      : pages(
          http,
          `${API}/logged-models/${home.model}/artifacts/directories`,
          folder === '' ? {} : { artifact_directory_path: folder },
        );
  const files: Listed[] = [];
  const open: { folder: string; depth: number }[] = [{ folder: '', depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const one of await list(next.folder)) {
      const path = one.path.startsWith(prefix) ? one.path.slice(prefix.length) : one.path;
      // A path that leads out of the folder would later be written, or shown, as if it were inside.
      if (!FilePath.safeParse(path).success || next.depth > MAX_DEPTH || files.length >= MAX_FILES) {
        const shown = JSON.stringify(path).slice(0, 100);
        return fail(problem('REGISTRY_MISMATCH', '/model/files', `the registry lists what no model folder holds: ${shown}`));
      }
      if (one.is_dir) open.push({ folder: path, depth: next.depth + 1 });
      else files.push({ path, size: one.file_size ?? null });
    }
  }
  return ok(files);
}

async function pages(http: RegistryHttp, path: string, ask: Readonly<Record<string, string>>) {
  const found: { path: string; is_dir: boolean; file_size?: number | undefined }[] = [];
  let page: string | undefined;
  do {
    const query = new URLSearchParams({ ...ask, ...(page ? { page_token: page } : {}) }).toString();
    const answer = await http.read(FilesAnswer, `${path}?${query}`, []);
    found.push(...(answer?.files ?? []));
    page = answer?.next_page_token || undefined;
  } while (page !== undefined && found.length < MAX_FILES);
  return found;
}

type Open = (path: string) => Promise<AsyncIterable<Uint8Array> | undefined>;

/** One piece in memory at a time, whatever the size. More or less than was listed is a file that changed while it was read. */
export async function hashedFiles(listed: readonly Listed[], open: Open): Promise<ServedFile[]> {
  const files: ServedFile[] = [];
  for (const { path, size } of listed) {
    const pieces = await open(path);
    const hash = sha256Stream();
    let read = 0;
    for await (const piece of pieces ?? []) {
      hash.update(piece);
      read += piece.byteLength;
      if (size !== null && read > size) break;
    }
    if (pieces === undefined || (size !== null && read !== size))
      throw new InfrastructureError(`${path} is listed with ${size} bytes and served with others`, { retryable: true });
    files.push({ path, size: read, digest: digestFromHex(hash.hex()) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Column inputs of the MLmodel file; null for tensors, for no signature, and for what does not read. */
export function inputsIn(mlmodel: Uint8Array): ServedInput[] | null {
  try {
    const { signature } = MlModel.parse(parse(new TextDecoder().decode(mlmodel)));
    const inputs = Inputs.parse(JSON.parse(signature?.inputs ?? 'null'));
    return inputs.some(({ type }) => type === 'tensor') ? null : inputs.map(({ name, type }) => ({ name: name ?? null, type }));
  } catch {
    return null; // nothing declared is not a contradiction; the request says the features, and they are sealed
  }
}
