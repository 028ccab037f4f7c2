// Who may write rows and what people say, and may ask for a seal, is not who signs. What they could put there by hand is not signed,
// and holds up nothing else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEvent } from '../../../functions/baseline.ts';
import { canonicalDigest } from '../../../functions/domain/canonical.ts';
import type { Predicate, Promotion } from '../../../functions/domain/event/statement.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { sealAsked } from '../../../functions/drive.ts';
import { storeSaid } from '../../../functions/store.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { incumbentOf, PLACE, STEPS, said } from '../../support/standing.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const sealedKeys = async () => {
  const found: string[] = [];
  for (const folder of ['events/', 'records/']) for await (const key of world.vault.list(folder)) found.push(key);
  return found;
};

/** All that the API's function could write: what somebody says, and two rows. */
async function slippedIn(predicate: Predicate): Promise<void> {
  const id = canonicalDigest(['slipped in', predicate.kind]);
  await world.index.commit([
    { kind: 'fact', key: keys.record(id, 'record'), body: { id, record: await storeSaid(world.vault, predicate) } },
    { kind: 'register', key: keys.unsealed(id), body: {}, expected: 'absent' },
  ]);
}

async function promotion(): Promise<Promotion> {
  await promote(world, await manifestAt(STEPS[0] ?? ''));
  const sealed = await readEvent(world, await incumbentOf(world));
  if (sealed?.predicate.kind !== 'promotion') throw new Error('nothing was promoted');
  return sealed.predicate;
}

describe('0042 R12 what is put into rows by hand', () => {
  it('an approval that nobody gave is not signed because a row names it', async () => {
    const real = await promotion();
    const forged = { ...real, scope: { ...real.scope, environment: 'live' } } as Promotion;
    const before = await sealedKeys();
    await slippedIn(forged);
    await expect(sealAsked(world)).rejects.toThrow(/promotion sealed as it stands/);
    expect(await sealedKeys()).toEqual(before);
  });

  it('and what stands behind it is sealed all the same', async () => {
    const real = await promotion();
    await slippedIn({ ...real });
    const asking = { ...world, sealer: { seal: () => sealAsked(world) } };
    const event = await said(asking, 'suspended');
    expect(await world.index.get(keys.suspension(PLACE.line, PLACE.environment, null))).toMatchObject({ body: { event } });
  });
});
