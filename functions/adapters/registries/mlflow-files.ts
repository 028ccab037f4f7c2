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

/** MLflow 3 keeps a model outside its run: `models:/m-…`. */
export const modelIdIn = (source: string): string | undefined => /^models:\/(m-[0-9a-f]{32})$/.exec(source)?.[1];

/** MLflow 2 kept it among the run's files: `runs:/<run>/<path>`, or the run's own address and the path. */
function pathInRun(source: string, run: string): string | undefined {
  const [, , inRun] = /^runs:\/([0-9a-f]{32})\/(.+)$/.exec(source) ?? [];
  if (inRun !== undefined) return inRun;
  const mark = `/${run}/artifacts/`;
  const at = source.indexOf(mark);
  return at < 0 ? undefined : source.slice(at + mark.length);
}

export async function listFiles(http: RegistryHttp, version: Version, run: string | null): Promise<Result<readonly Listed[]>> {
  const id = modelIdIn(version.source);
  const root = id === undefined && run !== null ? pathInRun(version.source, run) : undefined;
  if (id === undefined && root === undefined)
    return fail(problem('REGISTRY_MISMATCH', '/model/files', 'its files lie outside MLflow, which cannot list them'));
  const list = (folder: string) =>
    id === undefined
      ? pages(http, '/api/2.0/mlflow/artifacts/list', {
          run_id: run ?? '',
          path: folder === '' ? (root ?? '') : `${root}/${folder}`,
        })
      : pages(
          http,
          `/api/2.0/mlflow/logged-models/${id}/artifacts/directories`,
          folder === '' ? {} : { artifact_directory_path: folder },
        );
  const strip = (path: string) => (root !== undefined && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
  const files: Listed[] = [];
  const open: { folder: string; depth: number }[] = [{ folder: '', depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const one of await list(next.folder)) {
      const path = strip(one.path);
      // A path that leads out of the folder would later be written, or shown, as if it were inside.
      if (!FilePath.safeParse(path).success || next.depth > MAX_DEPTH || files.length >= MAX_FILES)
        return fail(
          problem(
            'REGISTRY_MISMATCH',
            '/model/files',
            `the registry lists what no model folder holds: ${JSON.stringify(path).slice(0, 100)}`,
          ),
        );
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
