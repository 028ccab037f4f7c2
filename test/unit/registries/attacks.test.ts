// Who can write into a registry, and wants more than to be heard.
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hintKeys } from '../../../functions/domain/hint.ts';
import { ok } from '../../../functions/domain/result.ts';
import { round } from '../../../functions/registries/round.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';
import { watched } from '../../support/frozen.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { heard, MODEL, openShelf, registryWorld, type Shelf, WISH } from '../../support/shelf.ts';

let prepared: FaultWorld;
let shelf: Shelf;
let elsewhere: string;
beforeAll(async () => {
  prepared = await openFaultWorld();
  await promote(prepared, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
  shelf = await openShelf(prepared);
  elsewhere = await mkdtemp(join(tmpdir(), 'countersign-elsewhere-'));
}, 60_000);
afterAll(async () => {
  await shelf?.close();
  await rm(elsewhere, { recursive: true, force: true });
});

async function fresh() {
  const world = registryWorld(prepared.copy(undefined, 1), shelf);
  await shelf.log(shelf.built.request);
  await shelf.again();
  const logs: Readonly<Record<string, string | number>>[] = [];
  const go = async () => {
    await round(world, false, (entry) => void logs.push(entry));
    await world.run();
  };
  return { world, logs, go };
}

it('R16 names that every object has are names like others: no line is connected by them, and no round ends at them', async () => {
  const { world, logs, go } = await fresh();
  const state = { ok: true, value: { state: 'ignored' } };
  expect(await heard(world, shelf, { ...WISH, environment: 'constructor' })).toMatchObject(state);
  const request = structuredClone(shelf.built.request);
  request.model.hyperparameters['constructor'] = '1';
  await shelf.log(request);
  await heard(world, shelf);
  await go();
  expect([logs, (await world.index.list(hintKeys.matchedPk)).length]).toEqual([[], 1]);
});

it('R16 what stops one request is told, and holds up no other', async () => {
  const { world, logs } = await fresh();
  const { registry, models } = shelf.connection;
  const broken = async () => {
    throw new TypeError('a bug');
  };
  const wish = { ...WISH, registry: 'twin' };
  const verify = () => ok({ delivery: '1', kind: 'request' as const, wish });
  const twin = { registry: { ...registry, name: 'twin', verify, resolve: broken }, models };
  const both = { ...world, connections: new Map([...world.connections, ['twin', twin]]) };
  await heard(both, { ...shelf, connection: twin }, wish);
  await heard(both, shelf);
  await round(both, false, (entry) => void logs.push(entry));
  expect(logs.map(({ event, error }) => `${event} ${error}`)).toEqual([`announce twin ${MODEL}: a bug`]);
  expect((await world.index.list(hintKeys.matchedPk)).length).toBe(1);
});

it('R16 a link in the share leads no write out of it', async () => {
  const victim = join(elsewhere, 'precious');
  await writeFile(victim, 'precious');
  const planted = join(shelf.root, MODEL, '2/.event.json.new');
  const { world, logs, go } = await fresh();
  await symlink(victim, planted);
  await symlink(elsewhere, join(shelf.root, MODEL, 'aliases'));
  await heard(world, shelf);
  await go();
  await go();
  expect([await readFile(victim, 'utf8'), await readdir(elsewhere)]).toEqual(['precious', ['precious']]);
  expect(await shelf.told()).toMatchObject({ outcome: 'approved' });
  expect(logs).toMatchObject([{ level: 'warning', event: 'release' }]);
});

it('R23 while the store is frozen a hook is kept, and announced after the thaw', async () => {
  const { world, go } = await fresh();
  const { health } = watched(world);
  const note = { at: world.clock.now(), reason: 'the disk is being replaced' };
  await health.note({ kind: 'freeze', ...note });
  await heard(world, shelf);
  await go();
  const counts = async () => [
    (await world.index.list(hintKeys.soughtPk)).length,
    (await world.index.list(hintKeys.matchedPk)).length,
  ];
  expect(await counts()).toEqual([1, 0]);
  await health.note({ kind: 'release', ...note });
  await health.note({ kind: 'thawed', at: note.at });
  await go();
  expect(await counts()).toEqual([0, 1]);
});
