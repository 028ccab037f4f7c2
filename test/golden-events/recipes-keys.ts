// Every change of the list of keys, and what is said again after a theft. `second.pem` is the key that comes in.
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { retire, rotate } from '../../functions/keys/changes.ts';
import { finishKeys } from '../../functions/keys/keys.ts';
import { reattest } from '../../functions/keys/reattest.ts';
import type { Signer } from '../../functions/ports.ts';
import { WHY } from '../support/key-folder.ts';
import { manifestAt, promote } from '../support/promote.ts';
import { compromised, type KeyedWorld, keyedFrom, logAndWitness, newSigner, rotated } from '../support/stolen-key.ts';
import { openTestLog, type TestWorld } from '../support/world.ts';
import { lastOf, type Recipe } from './recipe.ts';
import { KEYS } from './store.ts';

export const secondKey = (): Promise<Signer> => openDevSigner(join(KEYS, 'second.pem'));

async function incoming(world: TestWorld): Promise<Signer> {
  const own = join(world.folder, 'second.pem');
  await copyFile(join(KEYS, 'second.pem'), own);
  await chmod(own, 0o600);
  return newSigner(world, 'second');
}

/** The log's key changes: two sign from here on. */
async function twoLogKeys(world: KeyedWorld): Promise<void> {
  const folder = join(world.folder, 'next');
  await mkdir(folder);
  const { signer } = await openTestLog(folder);
  const frozen = await rotate(world, 'checkpoint', signer, WHY);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.problems));
  await finishKeys(world, [world.signer]);
}

async function stolen(world: TestWorld): Promise<KeyedWorld> {
  const keyed = await keyedFrom(world);
  await logAndWitness(keyed);
  // A witness's time is in whole seconds.
  world.later(5_000);
  const since = world.clock.now();
  world.later(5_000);
  await promote(keyed, await manifestAt('scenarios/12-no-incumbent/1-v01.yaml'));
  return compromised(keyed, since, await incoming(world));
}

const change = (what: string, after: (world: TestWorld) => Promise<unknown>): Recipe => ({
  kind: 'keyChange',
  what,
  seal: async (world) => {
    await after(world);
    return lastOf(world, 'keyChange');
  },
});

export const KEY_CHANGES: Readonly<Record<string, Recipe>> = {
  'keys-first': change('first', keyedFrom),
  'keys-rotation': change('rotation', async (world) => rotated(await keyedFrom(world), await incoming(world))),
  'keys-retirement': change('retirement', async (world) => {
    const keyed = await keyedFrom(world);
    await twoLogKeys(keyed);
    const frozen = await retire(keyed, WHY);
    if (!frozen.ok) throw new Error(JSON.stringify(frozen.problems));
    await finishKeys(keyed, [keyed.signer]);
  }),
  'keys-compromise': change('compromise', stolen),
  reattestation: {
    kind: 'reattestation',
    seal: async (world) => {
      const now = await stolen(world);
      const { again } = await reattest(now, WHY);
      if (again.length === 0) throw new Error('nothing was said again');
      return lastOf(now, 'reattestation');
    },
  },
};
