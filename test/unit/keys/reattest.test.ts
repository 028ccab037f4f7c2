// A chain of promotions since a theft: each was compared with one that is doubtful too, so the oldest must be said again first.
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { readPromotion } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { judge } from '../../../functions/gate/gate.ts';
import { reattest } from '../../../functions/keys/reattest.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { storeEnvelope } from '../../../functions/seal/seal.ts';
import { WHY } from '../../support/key-folder.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import {
  compromised,
  eventOf,
  type KeyedWorld,
  keysOf,
  logAndWitness,
  newSigner,
  openKeyedWorld,
  pinned,
  sealingWith,
} from '../../support/stolen-key.ts';

let world: KeyedWorld;
afterEach(() => world.close());

it('R12 three in a row, each compared with the one before: all are said again, in one run, and the newest opens the gate', async () => {
  world = await openKeyedWorld();
  await logAndWitness(world);
  world.later(5_000);
  const since = world.clock.now();
  world.later(5_000);
  const chain: EventHash[] = [];
  for (const step of ['1-v01', '2-v12', '3-v13'])
    chain.push(eventOf(await promote(world, await manifestAt(`scenarios/11-many-small-steps/${step}.yaml`))).eventHash);
  const robbed = await compromised(world, since, await newSigner(world, 'second'));
  const { again, refused } = await reattest(robbed, WHY);
  expect(again.filter((event) => chain.includes(event))).toEqual(chain);
  expect(refused).toEqual([]);
  await appendToLog(robbed);
  const now = await sealingWith(robbed, robbed.signer);
  const newest = chain[2] as EventHash;
  const { model, scope } = (await readPromotion(now.vault, newest)).promotion;
  if (isAbsent(model)) throw new Error('no model');
  const { root, manifest } = model;
  const question = {
    event: newest,
    root,
    manifest,
    line: scope.line,
    environment: scope.environment,
  };
  expect(await judge(now, question, pinned(now, await keysOf(now)))).toMatchObject({ verdict: 'allow', code: 'OK' });
}, 60_000);

it('R12 a row that somebody put into the index alone is no memory of the store: what it names is treated as forged', async () => {
  world = await openKeyedWorld();
  await logAndWitness(world);
  world.later(5_000);
  const since = world.clock.now();
  world.later(5_000);
  const robbed = await compromised(world, since, await newSigner(world, 'second'));
  // By the stolen key, into the vault: what a thief can make.
  const { eventHash, key } = await storeEnvelope(world, { kind: 'canary', at: since });
  const rows = new SqliteIndex(join(world.folder, 'index.db'));
  const body = { request: null, key, kind: 'canary', outcome: null };
  expect(await rows.commit([{ kind: 'fact', key: keys.event(eventHash), body }])).toEqual({ kind: 'committed' });
  rows.close();
  const { again, refused } = await reattest(robbed, WHY);
  expect(again).not.toContain(eventHash);
  expect(refused.map((one) => one.key)).toEqual([key]);
}, 60_000);
