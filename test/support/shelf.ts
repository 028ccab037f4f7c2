// A folder as the registry of one line of the example, whose second version waits there with its request.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BuiltRequest } from '../../cli/build-request.ts';
import { createFolder } from '../../functions/adapters/registries/folder.ts';
import type { Baselines } from '../../functions/domain/baselines.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { hexOf } from '../../functions/domain/digest.ts';
import type { Wish } from '../../functions/domain/hint.ts';
import type { PromotionRequest } from '../../functions/domain/request.ts';
import { hear } from '../../functions/registries/hear.ts';
import type { RegistryWorld } from '../../functions/registries/world.ts';
import type { Connection } from '../../functions/registry.ts';
import { cloudEvent, rawOf } from './hooks.ts';
import { baselinesOf, EXAMPLE } from './promote.ts';
import { bytesOfBlob, type Served, workbench } from './registry.ts';
import { PIPELINE, type TestWorld } from './world.ts';

export const LINE = 'german-credit-01-in-band-retrain';
export const MODEL = 'german-credit-pd';
export const SECRET = 'a-secret-of-this-test-1';
export const WISH: Wish = { registry: 'shelf', model: MODEL, version: '2', environment: 'sandbox' };

export type Shelf = {
  readonly connection: Connection;
  readonly root: string;
  /** The request of version 2 as it is logged with it. */
  readonly built: BuiltRequest;
  readonly put: (path: string, bytes: Uint8Array | string) => Promise<void>;
  readonly log: (request: PromotionRequest) => Promise<void>;
  /** Takes away what we wrote, and asks again. */
  readonly again: () => Promise<void>;
  readonly alias: () => Promise<string | undefined>;
  readonly told: () => Promise<Record<string, string> | undefined>;
  readonly close: () => Promise<void>;
};

export async function openShelf(world: TestWorld): Promise<Shelf> {
  const root = await mkdtemp(join(tmpdir(), 'countersign-shelf-'));
  const bench = await workbench();
  const registry = createFolder({ name: 'shelf', root, keys: { secrets: [SECRET] } });
  const connection: Connection = { registry, models: [{ model: MODEL, line: LINE, aliases: { sandbox: 'champion' } }] };
  const put = async (path: string, bytes: Uint8Array | string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  };
  const folder = join(EXAMPLE, 'versions/v02/model');
  const served: Served[] = await Promise.all(
    (await readdir(folder)).map(async (path) => ({ path, bytes: await readFile(join(folder, path)) })),
  );
  for (const { path, bytes } of served) await put(`${MODEL}/2/model/${path}`, bytes);
  const baselines: Baselines = await baselinesOf(world, LINE, 'sandbox');
  const built = await bench.build('scenarios/01-in-band-retrain/2-v02.yaml', '2', served, null, baselines);
  for (const [digest, blob] of built.blobs) await put(`${MODEL}/2/countersign/blobs/${hexOf(digest)}`, await bytesOfBlob(blob));
  const log = (request: PromotionRequest) => put(`${MODEL}/2/countersign/request.json`, canonicalBytes(request));
  const again = async () => {
    await put(`${MODEL}/2/wanted`, 'sandbox\n');
    await rm(join(root, MODEL, '2/event.json'), { force: true });
    await rm(join(root, MODEL, 'aliases'), { recursive: true, force: true });
  };
  await log(built.request);
  await again();
  return {
    connection,
    root,
    built,
    put,
    log,
    again,
    alias: () =>
      readFile(join(root, MODEL, 'aliases/champion'), 'utf8').then(
        (text) => text.trim(),
        () => undefined,
      ),
    told: () =>
      readFile(join(root, MODEL, '2/event.json'), 'utf8').then(
        (text) => JSON.parse(text),
        () => undefined,
      ),
    close: async () => {
      await rm(root, { recursive: true, force: true });
      await bench.close();
    },
  };
}

export const registryWorld = <W extends TestWorld>(world: W, { connection }: Shelf): W & RegistryWorld => ({
  ...world,
  erasable: { keep: async () => undefined, erase: async () => undefined },
  connections: new Map([[connection.registry.name, connection]]),
  announcer: async () => PIPELINE,
});

/** A delivery of this moment. */
export const hookOf = (world: Pick<TestWorld, 'clock'>, wish: Wish = WISH) =>
  rawOf(cloudEvent(wish, SECRET, world.clock.now()));

export const heard = (world: TestWorld, { connection }: Shelf, wish: Wish = WISH) =>
  hear(world, connection, hookOf(world, wish));
