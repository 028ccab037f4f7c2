// The function that signs finishes a change of keys that broke off. Whoever may write rows and what people say can put one there, too.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finishOwn } from '../../../functions/aws/operator.ts';
import { keyFrom, nextSet } from '../../../functions/domain/keys/next.ts';
import type { KeyChange, KeySet } from '../../../functions/domain/keys/set.ts';
import { rotate } from '../../../functions/keys/changes.ts';
import { freezeKeys, sealedKeys } from '../../../functions/keys/keys.ts';
import { strangeIn } from '../../../functions/keys/pending.ts';
import type { Signer } from '../../../functions/ports.ts';
import { WHY } from '../../support/key-folder.ts';
import { type KeyedWorld, keysOf, newSigner, openKeyedWorld } from '../../support/stolen-key.ts';

let world: KeyedWorld;
let second: Signer;
let thief: Signer;
beforeEach(async () => {
  world = await openKeyedWorld();
  [second, thief] = await Promise.all([newSigner(world, 'second'), newSigner(world, 'thief')]);
});
afterEach(() => world.close());

const deployment = () => ({
  ...{ vault: world.vault, index: world.index, signer: world.signer },
  atHand: { signers: [world.signer, second] as const, logs: [world.tlog] as const },
});
const lists = async () => (await sealedKeys(world)).length;
const asKey = ({ keyid, spki, algorithm, keyClass }: Signer) =>
  keyFrom({ keyid, spki, algorithm, class: keyClass, use: ['seal', 'release'] }, world.clock.now(), world.clock.now());

async function slippedIn(change: KeyChange['change'], keys: (before: KeySet) => KeySet): Promise<void> {
  const record: KeyChange = { kind: 'keyChange', keys: keys(await keysOf(world)), change, reason: WHY, at: world.clock.now() };
  await freezeKeys(world, record, [world.signer.keyid]);
}

describe('0042 R33 a list of keys is signed only when it is ours', () => {
  it('one that broke off is finished', async () => {
    expect((await rotate(world, 'seal', second, WHY)).ok).toBe(true);
    expect([await finishOwn(deployment()), await lists()]).toEqual([undefined, 2]);
    expect([await finishOwn(deployment()), await lists()]).toEqual([undefined, 2]);
  });

  it('a key of somebody else comes into no list, by whichever change', async () => {
    const change = { what: 'retirement' as const, out: world.signer.keyid };
    await slippedIn(change, (before) => ({ ...nextSet(before, change, world.clock.now(), asKey(thief)) }));
    expect([await finishOwn(deployment()), await lists()]).toEqual([expect.stringMatching(/none of this deployment/), 1]);
  });

  it('nothing else changes on the way: no window, no other key', async () => {
    const change = { what: 'rotation' as const, out: world.signer.keyid, in: second.keyid };
    const longer = '2099-01-01T00:00:00.000Z';
    await slippedIn(change, (before) => {
      const next = nextSet(before, change, world.clock.now(), asKey(second));
      return { ...next, keys: next.keys.map((key) => ({ ...key, notAfter: longer as typeof key.notAfter })) };
    });
    expect([await finishOwn(deployment()), await lists()]).toEqual([expect.stringMatching(/not what follows/), 1]);
  });

  it('nobody calls a key stolen by a row', async () => {
    const auth = { aud: 'a', exp: 1, roles: ['key-custodian@security'] };
    const people = [1, 2].map((n) => ({ actor: { sub: `person-${n}` }, auth }));
    const change = { what: 'compromise', out: world.signer.keyid, in: second.keyid, people } as unknown as KeyChange['change'];
    const record = { kind: 'keyChange', keys: await keysOf(world), change, reason: WHY, at: world.clock.now() } as KeyChange;
    expect(strangeIn(record, await keysOf(world), new Set([second.keyid]))).toMatch(/compromise is not made here/);
  });
});
