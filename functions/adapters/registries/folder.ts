// A folder as a registry: for a team whose registry is a bucket, a share or a script. It is polled, and it may send CloudEvents.
//   <model>/<version>/model/…                    the files of the version
//   <model>/<version>/countersign/request.json   the promotion request; its bytes under countersign/blobs/<hex>
//   <model>/<version>/wanted                     one word: the environment asked for. We remove it when it is answered
//   <model>/<version>/event.json                 written by us
//   <model>/aliases/<alias>                      one word, the version: written by us
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open as openFile, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256Stream } from '../../domain/crypto.ts';
import { digestFromHex, hexOf } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Wish } from '../../domain/hint.ts';
import { BAD_HOOK, type HookKeys } from '../../domain/hook.ts';
import { FilePath } from '../../domain/model.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import { Name } from '../../domain/text.ts';
import type { Aliased, Move, Note, Place, Registry, ServedFile, Snapshot } from '../../registry.ts';
import { REQUEST_FOLDER } from '../../registry.ts';
import { verifyCloudEvent } from './cloud-event.ts';
import { gathered } from './http.ts';

export type FolderOptions = { readonly name: string; readonly root: string; readonly keys?: HookKeys };

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 10_000;

/** One name of a folder: nothing that leads anywhere, and none of ours that are hidden. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function createFolder({ name, root, keys }: FolderOptions): Registry {
  return {
    name,
    verify: (raw, at) => (keys === undefined ? fail(BAD_HOOK) : verifyCloudEvent(name, keys, raw, at)),
    resolve: async (wish) => {
      await reached(root);
      return resolve(root, wish);
    },
    open: async (wish, place) => streamed(await fileAt(root, [...folderOf(wish), ...pathOf(place)])),
    writeBack: (note) => writeBack(root, note),
    moveAlias: (move) => moveAlias(root, move),
    sweep: (model) => sweep(name, root, model),
    checkProduction: (model) => aliasesOf(root, model),
  };
}

const folderOf = ({ model, version }: Pick<Wish, 'model' | 'version'>): string[] => [model, version];
const pathOf = (place: Place): string[] =>
  place.kind === 'model'
    ? ['model', ...place.path.split('/')]
    : [REQUEST_FOLDER, 'blobs', hexOf(digestFromHex(hexOf(place.digest)))];

/** A regular file inside the root, reached over no link; undefined for anything else. */
async function fileAt(root: string, parts: readonly string[]): Promise<string | undefined> {
  const [model = '', version = '', ...rest] = parts;
  const inside =
    SEGMENT.test(model) && SEGMENT.test(version) && (rest.length === 0 || FilePath.safeParse(rest.join('/')).success);
  if (!inside) return undefined;
  try {
    const path = join(await realpath(root), ...parts);
    const real = await realpath(path);
    return real === path && (await lstat(path)).isFile() ? path : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fault(`${root} cannot be read`, error);
  }
}

/** A share that is not mounted must not look like one that holds nothing. */
async function reached(root: string): Promise<void> {
  await readdir(root).catch((error: unknown) => {
    throw fault(`${root} cannot be read`, error);
  });
}

const fault = (message: string, cause?: unknown) => new InfrastructureError(message, { retryable: true, cause });
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const streamed = (path: string | undefined): AsyncIterable<Uint8Array> | undefined =>
  path === undefined ? undefined : piecesOf(path);

/** A file that goes away while it is read is a fault of the store, as with any other registry. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw fault(`${path} cannot be read to its end`, error);
  }
}

async function resolve(root: string, wish: Wish): Promise<Result<Snapshot>> {
  const listed =
    SEGMENT.test(wish.model) && SEGMENT.test(wish.version) ? await list(root, [...folderOf(wish), 'model'], '') : undefined;
  if (listed === undefined) return fail(problem('NOT_FOUND', '/model/version', 'the folder has no such version'));
  if (!listed.ok) return listed;
  const files: ServedFile[] = [];
  for (const path of listed.value.sort()) {
    const pieces = streamed(await fileAt(root, [...folderOf(wish), 'model', ...path.split('/')]));
    if (pieces === undefined) throw fault(`${path} is listed and cannot be read`);
    const hash = sha256Stream();
    let size = 0;
    for await (const piece of pieces) {
      hash.update(piece);
      size += piece.byteLength;
    }
    files.push({ path, size, digest: digestFromHex(hash.hex()) });
  }
  const request = streamed(await fileAt(root, [...folderOf(wish), REQUEST_FOLDER, 'request.json']));
  const bytes = request === undefined ? null : await gathered(request, MAX_REQUEST_BYTES);
  if (bytes === undefined)
    return fail(problem('BODY_TOO_LARGE', '', `request.json holds more than ${MAX_REQUEST_BYTES} bytes`));
  const { model, version } = wish;
  return ok({ model, version, run: null, files, inputs: null, params: {}, metrics: [], datasets: [], request: bytes });
}

/** Every file below; undefined when there is no such folder. A link may be pointed elsewhere after it was hashed: refused. */
async function list(root: string, at: readonly string[], below: string): Promise<Result<string[]> | undefined> {
  const found: string[] = [];
  const entries = await readdir(join(root, ...at, below), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw fault(`${root} cannot be read`, error);
  });
  for (const entry of entries ?? []) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const more = entry.isDirectory() ? await list(root, at, path) : undefined;
    if (more && !more.ok) return more;
    if (more) found.push(...more.value);
    else if (entry.isFile() && FilePath.safeParse(path).success) found.push(path);
    else return fail(problem('REGISTRY_MISMATCH', '/model/files', `${JSON.stringify(path).slice(0, 100)} is no plain file`));
    if (found.length > MAX_FILES) return fail(problem('REGISTRY_MISMATCH', '/model/files', `more than ${MAX_FILES} files`));
  }
  return entries === undefined ? undefined : ok(found);
}

/** The event's pointers, then the alias, then the wish ends. Each file is written beside and renamed, so none is seen half. */
async function writeBack(root: string, { wish, alias, ...pointers }: Note): Promise<void> {
  const { model, version } = wish;
  if (!SEGMENT.test(model) || !SEGMENT.test(version) || (alias !== null && !SEGMENT.test(alias)))
    throw new InfrastructureError(`${model} ${version} ${alias} name no files`, { retryable: false });
  const wanted = join(root, model, version, 'wanted');
  try {
    await replace(root, [model, version, 'event.json'], `${JSON.stringify({ ...pointers, environment: wish.environment })}\n`);
    if (alias !== null) await replace(root, [model, 'aliases', alias], `${version}\n`);
    if ((await wordIn(root, [model, version, 'wanted'])) === wish.environment) await rm(wanted, { force: true });
  } catch (error) {
    throw fault(`${model} ${version} cannot be written in ${root}`, error);
  }
}

async function moveAlias(root: string, { model, alias, version }: Move): Promise<void> {
  if (![model, alias, version ?? model].every((one) => SEGMENT.test(one)))
    throw new InfrastructureError(`${model} ${version} ${alias} name no files`, { retryable: false });
  await reached(root);
  const parts = [model, 'aliases', alias];
  const path = version === null ? await fileAt(root, parts) : undefined;
  try {
    if (version !== null) await replace(root, parts, `${version}\n`);
    else if (path !== undefined) await rm(path);
  } catch (error) {
    throw fault(`${parts.join('/')} cannot be written in ${root}`, error);
  }
}

/** Over no link: who may write into the share must not have this server write somewhere else. */
async function replace(root: string, parts: readonly string[], text: string): Promise<void> {
  const path = join(await realpath(root), ...parts);
  if ((await wordsAt(root, parts)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  if ((await realpath(dirname(path))) !== dirname(path)) throw fault(`${dirname(path)} is reached over a link`);
  const beside = join(dirname(path), `.${parts.at(-1)}.new`);
  await rm(beside, { force: true });
  const file = await openFile(beside, 'wx');
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(beside, path);
}

async function wordsAt(root: string, parts: readonly string[]): Promise<string | undefined> {
  const path = await fileAt(root, parts);
  const bytes = path === undefined ? undefined : await gathered(piecesOf(path), 1000);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

const wordIn = async (root: string, parts: readonly string[]): Promise<string | undefined> =>
  (await wordsAt(root, parts))?.trim();

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => SEGMENT.test(name)).sort();

async function sweep(registry: string, root: string, model: string): Promise<Wish[]> {
  const found: Wish[] = [];
  if (!SEGMENT.test(model)) return found;
  await reached(root);
  for (const version of await namesIn(join(root, model))) {
    const environment = Name.safeParse(await wordIn(root, [model, version, 'wanted']));
    if (environment.success) found.push({ registry, model, version, environment: environment.data });
  }
  return found;
}

async function aliasesOf(root: string, model: string): Promise<Aliased[]> {
  const found: Aliased[] = [];
  if (!SEGMENT.test(model)) return found;
  await reached(root);
  for (const alias of await namesIn(join(root, model, 'aliases'))) {
    const version = await wordIn(root, [model, 'aliases', alias]);
    if (version !== undefined && version !== '') found.push({ alias, version });
  }
  return found;
}
