// Which policy is in force is read from all records that were ever sealed; a canary each hour makes many. A process that just started
// on AWS has less than half a minute for it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { consequencesOf } from '../../../functions/consequences.ts';
import { canonicalDigest } from '../../../functions/domain/canonical.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import { policyInForce } from '../../../functions/in-force.ts';
import type { Vault } from '../../../functions/ports.ts';
import { sealRecord } from '../../../functions/seal/record.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const CANARIES = 40;

let world: TestWorld;
beforeAll(async () => {
  world = await openWorld();
  for (let n = 0; n < CANARIES; n++) {
    const at = new Date(Date.parse(world.clock.now()) + n).toISOString() as Instant;
    await sealRecord(world, canonicalDigest(['canary/v1', at]), { kind: 'canary', at }, consequencesOf);
  }
});
afterAll(() => world.close());

it('R35 records are read many at once, each once, and not all at once', async () => {
  let [now, most, all] = [0, 0, 0];
  const get: Vault['get'] = async (key) => {
    all++;
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    now--;
    return world.vault.get(key);
  };
  const vault: Vault = {
    get,
    list: (prefix) => world.vault.list(prefix),
    putOnce: (key, bytes) => world.vault.putOnce(key, bytes),
    size: (key) => world.vault.size(key),
  };
  const asked = { ...world, vault };
  expect((await policyInForce(asked)).ok).toBe(true);
  expect(all).toBeGreaterThanOrEqual(CANARIES);
  expect(most).toBe(32);
  const before = all;
  expect((await policyInForce(asked)).ok).toBe(true);
  expect(all).toBe(before);
});
