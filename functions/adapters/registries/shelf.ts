// Files under names as a registry: for a team whose registry is a bucket, a share or a script. It is polled, and it may send
// CloudEvents. Where the files lie is another's business: a folder (folder.ts) or a prefix of a bucket (s3-files.ts).
//   <model>/<version>/model/…                    the files of the version
//   <model>/<version>/countersign/request.json   the promotion request; its bytes under countersign/blobs/<hex>
//   <model>/<version>/wanted                     one word: the environment asked for. We remove it when it is answered
//   <model>/<version>/event.json                 written by us
//   <model>/aliases/<alias>                      one word, the version: written by us
import { digestFromHex, hexOf } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Wish } from '../../domain/hint.ts';
import { BAD_HOOK, type HookKeys } from '../../domain/hook.ts';
import { FilePath } from '../../domain/model.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import { Name } from '../../domain/text.ts';
import type { Aliased, Move, Note, Place, Registry, Snapshot } from '../../registry.ts';
import { REQUEST_FOLDER } from '../../registry.ts';
import { verifyCloudEvent } from './cloud-event.ts';
import { gathered } from './http.ts';
import { hashedFiles } from './mlflow-files.ts';

type Bytes = AsyncIterable<Uint8Array>;

/** `open`: the bytes as they were listed, not what may have been put in their place since; `size` where it was listed. */
export type FoundFile = {
  readonly path: string;
  readonly size: number | null;
  readonly open: () => Promise<Bytes | undefined>;
};

/** Whatever is wrong with the place itself throws InfrastructureError: what is not reached must not look empty. */
export type Files = {
  readonly reached: () => Promise<void>;
  /** What lies directly below, by name. */
  readonly namesIn: (parts: readonly string[]) => Promise<readonly string[]>;
  /** Every file below; none is an empty list, and what is no plain file is refused. */
  readonly list: (parts: readonly string[]) => Promise<Result<readonly FoundFile[]>>;
  readonly open: (parts: readonly string[]) => Promise<Bytes | undefined>;
  /** Whole or not at all: nobody ever sees half of it. */
  readonly replace: (parts: readonly string[], text: string) => Promise<void>;
  readonly remove: (parts: readonly string[]) => Promise<void>;
};

export type ShelfOptions = { readonly name: string; readonly files: Files; readonly keys?: HookKeys };

export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
export const MAX_FILES = 10_000;

/** One name of a folder: nothing that leads anywhere, and none of ours that are hidden. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const areSegments = (...names: readonly string[]): boolean => names.every((name) => SEGMENT.test(name));

export function createShelf({ name, files, keys }: ShelfOptions): Registry {
  return {
    name,
    verify: (raw, at) => (keys === undefined ? fail(BAD_HOOK) : verifyCloudEvent(name, keys, raw, at)),
    resolve: (wish) => resolve(files, wish),
    open: (wish, place) => opened(files, [wish.model, wish.version, ...pathOf(place)]),
    writeBack: (note) => writeBack(files, note),
    moveAlias: (move) => moveAlias(files, move),
    sweep: (model) => sweep(name, files, model),
    checkProduction: (model) => aliasesOf(files, model),
  };
}

const pathOf = (place: Place): string[] =>
  place.kind === 'model'
    ? ['model', ...place.path.split('/')]
    : [REQUEST_FOLDER, 'blobs', hexOf(digestFromHex(hexOf(place.digest)))];

async function opened(files: Files, parts: readonly string[]): Promise<Bytes | undefined> {
  const [model = '', version = '', ...rest] = parts;
  const inside = areSegments(model, version) && FilePath.safeParse(rest.join('/')).success;
  return inside ? files.open(parts) : undefined;
}

async function resolve(files: Files, { model, version }: Wish): Promise<Result<Snapshot>> {
  await files.reached();
  const listed = areSegments(model, version) ? await files.list([model, version, 'model']) : ok([]);
  if (!listed.ok) return listed;
  if (listed.value.length === 0) return fail(problem('NOT_FOUND', '/model/version', 'there are no files of such a version'));
  const byPath = new Map(listed.value.map((file) => [file.path, file]));
  const served = await hashedFiles(listed.value, async (path) => byPath.get(path)?.open());
  const request = await opened(files, [model, version, REQUEST_FOLDER, 'request.json']);
  const bytes = request === undefined ? null : await gathered(request, MAX_REQUEST_BYTES);
  if (bytes === undefined)
    return fail(problem('BODY_TOO_LARGE', '', `request.json holds more than ${MAX_REQUEST_BYTES} bytes`));
  const nothing = { inputs: null, params: {}, metrics: [], datasets: [] };
  return ok({ model, version, run: null, files: served, ...nothing, request: bytes });
}

/** The event's pointers, then the alias, then the wish ends. */
async function writeBack(files: Files, { wish, alias, ...pointers }: Note): Promise<void> {
  const { model, version, environment } = wish;
  if (!areSegments(model, version, alias ?? model)) throw unnameable(model, version, alias);
  await put(files, [model, version, 'event.json'], `${JSON.stringify({ ...pointers, environment })}\n`);
  if (alias !== null) await put(files, [model, 'aliases', alias], `${version}\n`);
  const wanted = [model, version, 'wanted'];
  if ((await wordIn(files, wanted)) === environment) await files.remove(wanted);
}

async function moveAlias(files: Files, { model, alias, version }: Move): Promise<void> {
  if (!areSegments(model, alias, version ?? model)) throw unnameable(model, version, alias);
  await files.reached();
  const parts = [model, 'aliases', alias];
  if (version !== null) await put(files, parts, `${version}\n`);
  else if ((await wordIn(files, parts)) !== undefined) await files.remove(parts);
}

const unnameable = (...names: readonly (string | null)[]) =>
  new InfrastructureError(`${names.join(' ')} name no files`, { retryable: false });

/** What is right already is left alone; what was written is read back. */
async function put(files: Files, parts: readonly string[], text: string): Promise<void> {
  if ((await wordsIn(files, parts)) === text) return;
  await files.replace(parts, text);
  if ((await wordsIn(files, parts)) !== text)
    throw new InfrastructureError(`${parts.join('/')}: what was written does not read back`, { retryable: true });
}

async function wordsIn(files: Files, parts: readonly string[]): Promise<string | undefined> {
  const pieces = await files.open(parts);
  const bytes = pieces === undefined ? undefined : await gathered(pieces, 1000);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

export const wordIn = async (files: Files, parts: readonly string[]): Promise<string | undefined> =>
  (await wordsIn(files, parts))?.trim();

export const namesIn = async (files: Files, parts: readonly string[]): Promise<string[]> =>
  (await files.namesIn(parts)).filter((name) => SEGMENT.test(name)).sort();

async function sweep(registry: string, files: Files, model: string): Promise<Wish[]> {
  const found: Wish[] = [];
  if (!areSegments(model)) return found;
  await files.reached();
  for (const version of await namesIn(files, [model])) {
    const environment = Name.safeParse(await wordIn(files, [model, version, 'wanted']));
    if (environment.success) found.push({ registry, model, version, environment: environment.data });
  }
  return found;
}

async function aliasesOf(files: Files, model: string): Promise<Aliased[]> {
  const found: Aliased[] = [];
  if (!areSegments(model)) return found;
  await files.reached();
  for (const alias of await namesIn(files, [model, 'aliases'])) {
    const version = await wordIn(files, [model, 'aliases', alias]);
    if (version !== undefined && version !== '') found.push({ alias, version });
  }
  return found;
}
