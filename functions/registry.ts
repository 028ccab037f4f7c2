// What a model registry is to us: it says that somebody asks, it serves bytes that we hash ourselves, and it is told the end.
// One contract for all of them (docs/registries.md); test/contract/registry-laws.ts holds each adapter to it.
import type { Digest } from './domain/digest.ts';
import type { Wish } from './domain/hint.ts';
import type { RawHook } from './domain/hook.ts';
import type { Result } from './domain/result.ts';
import type { Outcome } from './domain/rows.ts';
import type { Instant } from './domain/text.ts';

/** Of a hook that is authentic. `request`: a version asks for an environment. `look`: an alias moved; only reading tells to what. */
export type Heard = { readonly delivery: string } & (
  | { readonly kind: 'request'; readonly wish: Wish }
  | { readonly kind: 'look' }
  | { readonly kind: 'nothing' }
);

export type ServedFile = { readonly path: string; readonly size: number; readonly digest: Digest };
export type ServedInput = { readonly name: string | null; readonly type: string };

/** A data set as the run logged it. `digest`: evidence only where it is a good part of a SHA-256; `rows` where they are told. */
export type ServedDataset = { readonly name: string; readonly digest: string; readonly rows: number | null };

/** What a registry says and serves of one version, read now with our own credentials. The digests are ours. */
export type Snapshot = {
  readonly model: string;
  readonly version: string;
  /** The run that made it, where there is one. */
  readonly run: string | null;
  readonly files: readonly ServedFile[];
  /** The model's declared inputs; null where it declares none. */
  readonly inputs: readonly ServedInput[] | null;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
  readonly datasets: readonly ServedDataset[];
  /** The promotion request, where the pipeline logged it with the run. */
  readonly request: Uint8Array | null;
};

/** `model`: a file of the version. `evidence`: a file logged beside the request, by the hex of its digest. */
export type Place = { readonly kind: 'model'; readonly path: string } | { readonly kind: 'evidence'; readonly digest: Digest };

/** What is written into the registry: pointers only, the sealed event is the truth (R16). */
export type Note = {
  readonly wish: Wish;
  readonly requestId: string;
  readonly event: string;
  readonly outcome: Outcome;
  readonly path: string;
  /** The alias that this version gets; null where it gets none. */
  readonly alias: string | null;
};

/** `version` null: no version has the alias any more. */
export type Move = { readonly model: string; readonly alias: string; readonly version: string | null };

export type Aliased = { readonly alias: string; readonly version: string };

/**
 * LAW 1: verify reads nothing but what it is given; every bad hook is the same refusal. LAW 2: resolve and open change nothing;
 * what the registry does not have is a refusal with a pointer, one that does not answer throws InfrastructureError.
 * LAW 3: every byte of `files` was read and hashed here, and bytes that do not fit what was listed throw. LAW 4: writeBack may be
 * repeated: the end is the same, and it answers only after it read back what it wrote. LAW 5: what writeBack causes the registry
 * to send is heard as `nothing`. LAW 6: sweep answers every wish that stands and is not answered, whether a hook came or not.
 * LAW 7: moveAlias is like writeBack, of an alias alone: repeatable, read back, and what is right already is left alone.
 */
export interface Registry {
  readonly name: string;
  verify(raw: RawHook, at: Instant): Result<Heard>;
  resolve(wish: Wish): Promise<Result<Snapshot>>;
  open(wish: Wish, place: Place): Promise<AsyncIterable<Uint8Array> | undefined>;
  writeBack(note: Note): Promise<void>;
  moveAlias(move: Move): Promise<void>;
  sweep(model: string): Promise<readonly Wish[]>;
  /** Where the aliases of a model stand now. */
  checkProduction(model: string): Promise<readonly Aliased[]>;
}

/** Which line a model of a registry stands for, and which alias is which environment. Said by the operator, never by a hook. */
export type Mapped = {
  readonly model: string;
  readonly line: string;
  readonly aliases: Readonly<Record<string, string>>;
};

export type Connection = { readonly registry: Registry; readonly models: readonly Mapped[] };
export type Connections = ReadonlyMap<string, Connection>;

/** Names of ours in a registry begin so; what begins so and is no request came from us. */
export const OUR_PREFIX = 'countersign.';
export const REQUEST_TAG = `${OUR_PREFIX}request`;
/** Where a pipeline logs its request, and the bytes it names under `blobs/<hex>` beside it. */
export const REQUEST_FOLDER = 'countersign';

/** Own names only: every object has a `constructor`, and no operator wrote that down. */
export const aliasFor = ({ aliases }: Pick<Mapped, 'aliases'>, environment: string): string | undefined =>
  Object.hasOwn(aliases, environment) ? aliases[environment] : undefined;

export const mappedTo = (models: readonly Mapped[], model: string): Mapped | undefined =>
  models.find((one) => one.model === model);
