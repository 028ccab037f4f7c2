// An act is sealed and the alias follows it, over a folder as the registry: rolled back, taken back, ended (R58, R65).
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentToAct, proposeAct, serveAct } from '../../../functions/acts/acts.ts';
import { readAct } from '../../../functions/acts/seal.ts';
import { openDevSigner } from '../../../functions/adapters/local/dev-signer.ts';
import type { ActTerms } from '../../../functions/domain/act.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { AlarmRow, hintKeys, MovedRow } from '../../../functions/domain/hint.ts';
import { EventRow, keys } from '../../../functions/domain/rows.ts';
import { sweep } from '../../../functions/drive.ts';
import { round } from '../../../functions/registries/round.ts';
import { readHead } from '../../../functions/store.ts';
import { value } from '../../support/activation.ts';
import { failing } from '../../support/faults.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';
import { EXAMPLE, manifestAt, promote } from '../../support/promote.ts';
import { heard, LINE, MODEL, openShelf, registryWorld, type Shelf } from '../../support/shelf.ts';
import { OWNER } from '../../support/staged-line.ts';
import { ALICE, BOB, CAROL, DAVE, type TestWorld } from '../../support/world.ts';

const MINUTE = 60_000;
const SAID = { line: LINE, environment: 'sandbox', reason: 'Complaints about declined applications in one region.' };

let prepared: FaultWorld;
let shelf: Shelf;
let first: EventHash;
let second: EventHash;
beforeAll(async () => {
  const world = await openFaultWorld();
  await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
  shelf = await openShelf(world);
  first = await incumbentOf(world);
  const folder = join(EXAMPLE, 'versions/v01/model');
  for (const path of await readdir(folder)) await shelf.put(`${MODEL}/1/model/${path}`, await readFile(join(folder, path)));
  const live = registryWorld(world, shelf);
  await heard(live, shelf);
  for (let turn = 0; turn < 2; turn++) {
    await round(live, false, () => undefined);
    await live.run();
  }
  second = await incumbentOf(world);
  prepared = world;
}, 60_000);
afterAll(() => shelf?.close());

const incumbentOf = async (world: TestWorld) =>
  (await readHead(world.index, LINE, 'sandbox')).head.incumbent ?? ('' as EventHash);

/** A copy of the store in which version 2 is active, and a shelf that says so. */
async function fresh(hook?: Parameters<FaultWorld['copy']>[0]) {
  const world = registryWorld(prepared.copy(hook, 1), shelf);
  await shelf.put(`${MODEL}/aliases/champion`, '2\n');
  const logs: Readonly<Record<string, string | number>>[] = [];
  const go = (look = true) => round(world, look, (entry) => void logs.push(entry));
  const rows = async <R>(pk: string, parse: (body: unknown) => R) =>
    (await world.index.list(pk)).map(({ body }) => parse(body));
  return {
    world,
    logs,
    go,
    moved: () => rows(hintKeys.movedPk, (body) => MovedRow.parse(body)),
    alarms: () => rows(hintKeys.alarmPk, (body) => AlarmRow.parse(body)),
  };
}

async function sealedAct(world: TestWorld, terms: ActTerms): Promise<EventHash> {
  const id = value(await proposeAct(world, terms, OWNER));
  let sealed: EventHash | null = null;
  for (const person of terms.what === 'archive' ? [ALICE, BOB, CAROL] : [DAVE]) {
    await serveAct(world, id, person);
    sealed = value(await consentToAct(world, id, (await readAct(world, id))?.row.screen, person)).event;
  }
  if (sealed === null) throw new Error('it is not sealed');
  return sealed;
}

const rollback = (): ActTerms => ({ what: 'rollback', ...SAID, from: second, to: first });
const revocation = (event: EventHash, to: EventHash | null): ActTerms => ({ what: 'revocation', ...SAID, event, to });

describe('R65 the alias follows what people sealed', () => {
  it('a rollback moves it to the version before; done once, it is left alone', async () => {
    const { world, go, moved, alarms } = await fresh();
    await go();
    expect([await shelf.alias(), await moved()]).toEqual(['2', []]);
    const event = await sealedAct(world, rollback());
    await go(false);
    expect(await shelf.alias()).toBe('1');
    expect(await moved()).toMatchObject([{ event, version: '1', line: LINE, problems: [] }]);
    const { mtimeMs } = await stat(join(shelf.root, MODEL, 'aliases/champion'));
    await go();
    expect((await stat(join(shelf.root, MODEL, 'aliases/champion'))).mtimeMs).toBe(mtimeMs);
    expect(await alarms()).toEqual([]);
  });

  it.each<[string, () => ActTerms, string | undefined]>([
    ['an end takes it away', () => ({ what: 'archive', ...SAID, from: second }), undefined],
    ['a revocation that leaves nothing takes it away', () => revocation(second, null), undefined],
    ['a revocation that names another moves it there', () => revocation(second, first), '1'],
    ['a revocation of another than the active version leaves it', () => revocation(first, null), '2'],
  ])('%s', async (_, terms, expected) => {
    const { world, go, alarms } = await fresh();
    await sealedAct(world, terms());
    await go();
    expect([await shelf.alias(), await alarms()]).toEqual([expected, []]);
  });

  it('a later revocation of another version hides no rollback that the registry has not taken yet', async () => {
    const { world, go } = await fresh();
    await sealedAct(world, rollback());
    await sealedAct(world, revocation(second, null));
    await go();
    expect(await shelf.alias()).toBe('1');
  });

  it('a registry that does not answer is asked again, and is no alarm meanwhile', async () => {
    const { world, go, moved, alarms, logs } = await fresh();
    await sealedAct(world, rollback());
    await rename(shelf.root, `${shelf.root}.away`);
    await go(false);
    await rename(`${shelf.root}.away`, shelf.root);
    expect(await moved()).toMatchObject([{ at: null, attempts: 1, problems: [{ code: 'CANNOT_TELL' }] }]);
    expect(logs).toContainEqual(expect.objectContaining({ event: 'move' }));
    // Not before its time.
    await go();
    expect([await shelf.alias(), await alarms()]).toEqual(['2', []]);
    world.later(MINUTE);
    await go();
    expect(await shelf.alias()).toBe('1');
  });

  it('other bytes in place of the version that is to run again get no alias', async () => {
    const { world, go, moved } = await fresh();
    await sealedAct(world, rollback());
    const path = `${MODEL}/1/model/weights.json`;
    const right = await readFile(join(shelf.root, path));
    await shelf.put(path, '{"weights":"of somebody else"}');
    await go();
    expect(await shelf.alias()).toBe('2');
    expect(await moved()).toMatchObject([
      { at: null, problems: [{ code: 'REGISTRY_MISMATCH', pointer: '/model/files/2/digest' }] },
    ]);
    await shelf.put(path, right);
    world.later(MINUTE);
    await go();
    expect(await shelf.alias()).toBe('1');
  });

  it('R21 moved by hand afterwards it is an alarm, and nobody moves it back', async () => {
    const { world, go, alarms } = await fresh();
    await sealedAct(world, rollback());
    await go();
    await shelf.put(`${MODEL}/aliases/champion`, '2\n');
    await go();
    expect(await shelf.alias()).toBe('2');
    expect(await alarms()).toMatchObject([{ found: '2', expected: '1' }]);
  });

  it('rows that call a promotion a rollback move nothing', async () => {
    const { world, go, logs } = await fresh();
    const key = keys.event(second);
    const row = await world.index.get(key);
    const lie = { ...EventRow.parse(row?.body), kind: 'transition' };
    const { index } = world;
    const lied = {
      ...world,
      index: {
        ...index,
        list: index.list,
        commit: index.commit,
        get: async (asked: typeof key) =>
          asked.pk === key.pk && asked.sk === key.sk ? { key, revision: 1, body: lie } : index.get(asked),
      },
    };
    await round(lied as typeof world, true, (entry) => void logs.push(entry));
    expect(logs).toContainEqual(expect.objectContaining({ event: 'move', error: expect.stringContaining('not sealed') }));
    await go();
    expect(await shelf.alias()).toBe('2');
  });

  it('an end that another key sealed moves nothing', async () => {
    const { world, go, logs } = await fresh();
    await sealedAct(world, { what: 'archive', ...SAID, from: second });
    const folder = await mkdtemp(join(tmpdir(), 'countersign-move-'));
    const signer = await openDevSigner(join(folder, 'other.pem'));
    await rm(folder, { recursive: true });
    await round({ ...world, signer }, false, (entry) => void logs.push(entry));
    expect(logs).toContainEqual(expect.objectContaining({ event: 'move', error: expect.stringContaining('not sealed') }));
    expect(await shelf.alias()).toBe('2');
    await go();
    expect(await shelf.alias()).toBeUndefined();
  });

  it('R13 wherever it breaks off, the next round comes to the same end', async () => {
    const play = async ({ world }: Awaited<ReturnType<typeof fresh>>) => {
      for (let turn = 0; turn < 3; turn++) {
        await round(world, true, () => undefined);
        await sweep(world).catch(() => undefined);
        world.later(MINUTE);
      }
    };
    const sealed = await fresh();
    await sealedAct(sealed.world, rollback());
    const again = async (hook?: Parameters<FaultWorld['copy']>[0]) => {
      const at = await fresh();
      return { ...at, world: registryWorld(sealed.world.copy(hook, 1), shelf) };
    };
    const counting = failing(0, 'before');
    await play(await again(counting.hook));
    for (const moment of ['before', 'after'] as const)
      for (let k = 1; k <= counting.calls.length; k += 3) {
        const at = await again(failing(k, moment).hook);
        await play(at);
        expect([moment, k, await shelf.alias()]).toEqual([moment, k, '1']);
      }
  }, 60_000);
});
