// From a hint to a told registry, over a folder as the registry and the product's own stages.
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { AlarmRow, HintRow, hintKeys, MatchedRow, SoughtRow } from '../../../functions/domain/hint.ts';
import { omsManifestBytes, omsRootOf } from '../../../functions/domain/oms.ts';
import type { PromotionRequest } from '../../../functions/domain/request.ts';
import { sweep } from '../../../functions/drive.ts';
import { receive } from '../../../functions/intake/intake.ts';
import { hear } from '../../../functions/registries/hear.ts';
import { registeredBy } from '../../../functions/registries/registered.ts';
import { round } from '../../../functions/registries/round.ts';
import { failing } from '../../support/faults.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';
import { cloudEvent, rawOf } from '../../support/hooks.ts';
import { dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { heard, hookOf, LINE, MODEL, openShelf, registryWorld, SECRET, type Shelf, WISH } from '../../support/shelf.ts';
import { PIPELINE } from '../../support/world.ts';

let prepared: FaultWorld;
let shelf: Shelf;
beforeAll(async () => {
  prepared = await openFaultWorld();
  await promote(prepared, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
  shelf = await openShelf(prepared);
}, 60_000);
afterAll(() => shelf?.close());

const MINUTE = 60_000;

/** A fresh copy of store and folder. */
async function fresh(hook?: Parameters<FaultWorld['copy']>[0]) {
  const world = registryWorld(prepared.copy(hook, 1), shelf);
  await shelf.log(shelf.built.request);
  await shelf.again();
  const logs: Readonly<Record<string, string | number>>[] = [];
  const go = async (look = false) => {
    await round(world, look, (entry) => void logs.push(entry));
    await world.run();
  };
  const rows = async <R>(pk: string, parse: (body: unknown) => R) =>
    (await world.index.list(pk)).map(({ body }) => parse(body));
  return {
    world,
    logs,
    go,
    sought: () => rows(hintKeys.soughtPk, (body) => SoughtRow.parse(body)),
    matched: () => rows(hintKeys.matchedPk, (body) => MatchedRow.parse(body)),
    alarms: () => rows(hintKeys.alarmPk, (body) => AlarmRow.parse(body)),
    open: () => world.index.list('OPEN'),
  };
}

describe('R16 a hint becomes a request, and its end is told', () => {
  it('automated: announced, sealed, told, the alias moved; nothing is left to do', async () => {
    const { world, go, sought, matched } = await fresh();
    expect(await heard(world, shelf)).toMatchObject({ ok: true, value: { state: 'new' } });
    await go();
    expect(await sought()).toEqual([]);
    const [waiting] = await matched();
    const dossier = await dossierOf(world, waiting?.request ?? ('' as never));
    expect(dossier.decision?.outcome).toBe('approved');
    expect(dossier.request.requester.actor).toEqual(PIPELINE.principal.actor);
    // Sealed, and not a moment before that is anything told.
    expect(await shelf.alias()).toBeUndefined();
    await go();
    expect(await matched()).toEqual([]);
    expect(await shelf.alias()).toBe('2');
    expect(await shelf.told()).toMatchObject({ event: dossier.seal?.eventHash, outcome: 'approved', path: 'automated' });
    await go(true);
    expect([await sought(), await matched()]).toEqual([[], []]);
  });

  it('what is not sealed is not told, however often it is looked at', async () => {
    const { world, matched } = await fresh();
    await heard(world, shelf);
    for (let turn = 0; turn < 3; turn++) await round(world, true, () => undefined);
    expect(await matched()).toMatchObject([{ attempts: 0 }]);
    expect([await shelf.alias(), await shelf.told()]).toEqual([undefined, undefined]);
  });

  it('sent to the API by its pipeline: the hint finds it, and the request is held against the registry first', async () => {
    const { world, go, sought, matched } = await fresh();
    await rm(join(shelf.root, MODEL, '2/countersign/request.json'));
    await heard(world, shelf);
    await go();
    expect(await sought()).toMatchObject([{ state: 'needsEvidence' }]);
    await upload(world, shelf.built.blobs);
    const api = { ...world, registered: registeredBy(world.connections, world.clock) };
    const { model } = shelf.built.request;
    const lied = { ...shelf.built.request, model: { ...model, version: '3' } };
    const no = await receive(api, canonicalBytes(lied), PIPELINE);
    expect(no).toMatchObject({ ok: false, problems: [{ code: 'NOT_FOUND', pointer: '/model/version' }] });
    expect(await receive(api, canonicalBytes(shelf.built.request), PIPELINE)).toMatchObject({ ok: true });
    await world.run();
    expect(await matched()).toHaveLength(1);
    world.later(MINUTE);
    await go();
    expect(await sought()).toEqual([]);
    await go();
    expect(await shelf.alias()).toBe('2');
  });
});

describe('R20 a hint alone', () => {
  it('without a request nothing is announced: it waits, seen, for evidence, and goes on when that comes', async () => {
    const { world, go, sought, open } = await fresh();
    await rm(join(shelf.root, MODEL, '2/countersign/request.json'));
    await heard(world, shelf);
    await go();
    expect(await sought()).toMatchObject([{ state: 'needsEvidence', problems: [{ code: 'MISSING_KEY' }] }]);
    expect(await open()).toEqual([]);
    await shelf.log(shelf.built.request);
    await go();
    // Not before its time.
    expect(await sought()).toHaveLength(1);
    world.later(MINUTE);
    await go();
    await go();
    expect(await sought()).toEqual([]);
    expect(await shelf.alias()).toBe('2');
  });

  it('of a model or environment that nobody connected is kept as ignored, and nothing comes of it', async () => {
    const { world, go, sought } = await fresh();
    for (const wish of [
      { ...WISH, model: 'example_model' },
      { ...WISH, environment: 'production' },
    ])
      expect(await heard(world, shelf, wish)).toMatchObject({ ok: true, value: { state: 'ignored' } });
    await go();
    expect(await sought()).toEqual([]);
    const kept = await world.index.list('HINT#shelf');
    expect(kept.map(({ body }) => HintRow.parse(body).ignored).sort()).toEqual([
      'no line is connected with a model of this name',
      'this environment is not connected',
    ]);
  });

  it('delivered twice is one hint; one delivery id with another content is refused', async () => {
    const { world } = await fresh();
    const raw = hookOf(world);
    const first = await hear(world, shelf.connection, raw);
    expect(await hear(world, shelf.connection, raw)).toEqual(first);
    expect(await world.index.list('HINT#shelf')).toHaveLength(1);
    const { id } = JSON.parse(new TextDecoder().decode(raw.body));
    const other = rawOf(cloudEvent({ ...WISH, version: '7' }, SECRET, world.clock.now(), { id }));
    expect(await hear(world, shelf.connection, other)).toMatchObject({ ok: false, problems: [{ code: 'UNAUTHENTICATED' }] });
  });

  it('a hook that never came: the sweep finds what stands, once', async () => {
    const { go, sought, logs } = await fresh();
    await go(true);
    expect(logs).toContainEqual(expect.objectContaining({ event: 'hooksLost', count: 1 }));
    await go(true);
    expect(logs.filter(({ event }) => event === 'hooksLost')).toHaveLength(1);
    expect(await sought()).toEqual([]);
    expect(await shelf.alias()).toBe('2');
  });

  it('1 000 hooks at once: none lost, and one request', async () => {
    const { world, go, open } = await fresh();
    const taken = await Promise.all(Array.from({ length: 1000 }, () => heard(world, shelf)));
    expect(taken.filter((one) => one.ok && one.value.state === 'new')).toHaveLength(1000);
    expect(await world.index.list('HINT#shelf')).toHaveLength(1000);
    expect(await world.index.list(hintKeys.soughtPk)).toHaveLength(1);
    await round(world, false, () => undefined);
    expect(await open()).toHaveLength(1);
    await go();
  }, 60_000);
});

it('R13 many at once, a repeat and a forged repeat among them: each is answered as if it had come alone', async () => {
  const { world } = await fresh();
  const known = hookOf(world);
  const first = await hear(world, shelf.connection, known);
  const { id } = JSON.parse(new TextDecoder().decode(known.body)) as { id: string };
  const forged = rawOf(cloudEvent({ ...WISH, version: '7' }, SECRET, world.clock.now(), { id }));
  const twin = hookOf(world);
  const others = ['3', '4', 'x'].map((version) => hookOf(world, { ...WISH, version }));
  const all = [...others, known, forged, twin, twin];
  const taken = await Promise.all(all.map((raw) => hear(world, shelf.connection, raw)));
  expect(taken.map(({ ok }) => ok)).toEqual([true, true, true, true, false, true, true]);
  expect(taken[3]).toEqual(first);
  expect(taken[5]).toEqual(taken[6]);
  expect(await world.index.list('HINT#shelf')).toHaveLength(5);
  expect(await world.index.list(hintKeys.soughtPk)).toHaveLength(4);
}, 60_000);

it('R13 stored together, and the store breaks off: nobody is told that it was stored who was not', async () => {
  const many = 20;
  const at = async (hook?: Parameters<FaultWorld['copy']>[0]) => {
    const { world } = await fresh(hook);
    const asked = Array.from({ length: many }, (_, i) => heard(world, shelf, { ...WISH, version: `v${i}` }));
    const taken = await Promise.allSettled(asked);
    const told = taken.flatMap((one) => (one.status === 'fulfilled' && one.value.ok ? [one.value.value.hint] : []));
    const kept = (await world.real.index.list('HINT#shelf')).map(({ body }) => HintRow.parse(body).id);
    return { told, kept };
  };
  const counting = failing(0, 'before');
  expect((await at(counting.hook)).told).toHaveLength(many);
  // Fewer transactions than hooks: some of them shared one.
  expect(counting.calls.filter(({ op }) => op === 'index.commit').length).toBeLessThan(many / 2);
  for (const moment of ['before', 'after'] as const)
    for (let k = 1; k <= counting.calls.length; k += 5) {
      const { told, kept } = await at(failing(k, moment).hook);
      expect([moment, k, told.filter((id) => !kept.includes(id as never))]).toEqual([moment, k, []]);
      expect(told.length).toBeGreaterThan(0);
    }
}, 60_000);

describe('R4 a request that says otherwise than the registry is refused, by field', () => {
  type Tamper = (request: PromotionRequest) => PromotionRequest | Promise<PromotionRequest>;
  const withFiles = (request: PromotionRequest, files: PromotionRequest['model']['files']): PromotionRequest => {
    const { model } = request;
    const root = omsRootOf(files);
    return { ...request, model: { ...model, files, root, manifest: digestOf(omsManifestBytes(files, model.name)) } };
  };
  const other = digestOf('other bytes');
  it.each<[string, string, Tamper]>([
    ['/line', 'another line', (request) => ({ ...request, line: 'german-credit-02-threshold-moved' })],
    ['/environment', 'another environment', (request) => ({ ...request, environment: 'production' })],
    ['/model/name', 'another model', (request) => ({ ...request, model: { ...request.model, name: 'other' } })],
    ['/model/version', 'another version', (request) => ({ ...request, model: { ...request.model, version: '3' } })],
    [
      '/model/files/0/digest',
      'other bytes',
      (request) =>
        withFiles(
          request,
          request.model.files.map((file, i) => (i === 0 ? { ...file, digest: other } : file)),
        ),
    ],
    ['/model/files', 'a file left out', (request) => withFiles(request, request.model.files.slice(1))],
    [
      '/model/files/3/path',
      'a file too many',
      ({ model, ...request }) =>
        withFiles({ ...request, model }, [
          ...model.files,
          { path: 'more.json', role: 'other', size: 1, digest: other, custody: 'vault' },
        ]),
    ],
    ['/pipelineRun/id', 'another run', (request) => ({ ...request, pipelineRun: { system: 'mlflow', id: 'b'.repeat(32) } })],
  ])('%s: %s', async (pointer, _, tamper) => {
    const { world, go, sought, open } = await fresh();
    await shelf.log(await tamper(shelf.built.request));
    await heard(world, shelf);
    await go();
    const [waiting] = await sought();
    expect(waiting?.state).toBe('needsEvidence');
    expect(waiting?.problems).toContainEqual(expect.objectContaining({ code: 'REGISTRY_MISMATCH', pointer }));
    expect(await open()).toEqual([]);
    expect(await shelf.alias()).toBeUndefined();
  });

  it('bytes that the request names and nobody logged: missing, with the pointer', async () => {
    const { world, go, sought } = await fresh();
    const { predictions = other } = shelf.built.request;
    const at = join(shelf.root, MODEL, '2/countersign/blobs', predictions.slice(7));
    await rename(at, `${at}.away`);
    await heard(world, shelf);
    await go();
    await rename(`${at}.away`, at);
    expect((await sought())[0]?.problems).toEqual([
      expect.objectContaining({ code: 'BYTES_MISSING', pointer: '/predictions' }),
    ]);
  });
});

describe('R21 after the seal', () => {
  const sealedAnd = async () => {
    const at = await fresh();
    await heard(at.world, shelf);
    await at.go();
    return at;
  };
  const weights = `${MODEL}/2/model/weights.json`;

  it('an artefact put in place of the approved one gets no alias, until it is the approved one again', async () => {
    const { go, world, matched } = await sealedAnd();
    const right = await readFile(join(shelf.root, weights));
    await shelf.put(weights, '{"weights":"of somebody else"}');
    await go();
    expect(await shelf.alias()).toBeUndefined();
    expect(await matched()).toMatchObject([{ problems: [{ code: 'REGISTRY_MISMATCH' }] }]);
    await shelf.put(weights, right);
    world.later(MINUTE);
    await go();
    expect(await shelf.alias()).toBe('2');
  });

  it('a registry that does not answer is asked again, ever later, and then no more', async () => {
    const { go, world, matched } = await sealedAnd();
    await rename(shelf.root, `${shelf.root}.away`);
    const tries: number[] = [];
    for (let turn = 0; turn < 60; turn++) {
      await go();
      world.later(2 * 60 * MINUTE);
      tries.push((await matched())[0]?.attempts ?? 0);
    }
    await rename(`${shelf.root}.away`, shelf.root);
    expect(tries.at(-1)).toBe(40);
    expect((await matched())[0]).toMatchObject({ notBefore: null, problems: [{ code: 'CANNOT_TELL' }] });
    // Somebody asks once more: it begins again.
    await heard(world, shelf);
    await go();
    expect(await matched()).toHaveLength(1);
  });

  it('an alias moved by hand is an alarm, said once, and changes nothing; put right, the alarm ends', async () => {
    const { go, alarms, logs } = await sealedAnd();
    await go(true);
    expect(await alarms()).toEqual([]);
    await shelf.put(`${MODEL}/aliases/champion`, '7\n');
    await go(true);
    await go(true);
    expect(await alarms()).toMatchObject([{ alias: 'champion', found: '7', expected: '2', line: LINE }]);
    expect(logs.filter(({ event }) => event === 'aliasMoved')).toHaveLength(1);
    expect(await shelf.alias()).toBe('7');
    await shelf.put(`${MODEL}/aliases/champion`, '2\n');
    await go(true);
    expect(await alarms()).toEqual([]);
  });

  it('an alias that somebody set before anything of ours was told is an alarm too', async () => {
    const { go, alarms } = await fresh();
    await rm(join(shelf.root, MODEL, '2/wanted'));
    await shelf.put(`${MODEL}/aliases/champion`, '2\n');
    await go(true);
    expect(await alarms()).toMatchObject([{ found: '2', expected: '1' }]);
  });
});

describe('wherever it breaks off', () => {
  it('R13 a hook, its request and what is told come to the same end, once', async () => {
    const play = async (world: Awaited<ReturnType<typeof fresh>>) => {
      const raw = hookOf(world.world);
      // As MLflow does: the same delivery again when it was not answered.
      await hear(world.world, shelf.connection, raw).catch(() => hear(world.world, shelf.connection, raw));
      for (let turn = 0; turn < 5; turn++) {
        await round(world.world, true, () => undefined);
        await sweep(world.world).catch(() => sweep(world.world));
        await world.world.run().catch(() => undefined);
        world.world.later(MINUTE);
      }
    };
    const counting = failing(0, 'before');
    await play(await fresh(counting.hook));
    const total = counting.calls.length;
    expect(total).toBeGreaterThan(100);
    const wanted = await shelf.told();
    for (const moment of ['before', 'after'] as const) {
      // Some of many: a prime step, so that all kinds are met.
      for (let k = 1; k <= total; k += 13) {
        const at = await fresh(failing(k, moment).hook);
        await play(at);
        const call = counting.calls[k - 1];
        const where = `${moment} ${k} ${call?.op} ${call?.on}`;
        expect([where, await shelf.alias(), (await shelf.told())?.['requestId']]).toEqual([where, '2', wanted?.['requestId']]);
        expect([where, ...at.world.lies]).toEqual([where]);
        expect([where, at.world.headMoves()]).toEqual([where, 1]);
      }
    }
  }, 300_000);
});
