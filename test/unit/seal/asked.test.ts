// Who may write rows and what people say, and may ask for a seal, is not who signs. What they could put there by hand is not signed,
// and holds up nothing else.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { propose } from '../../../functions/activation.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { CONFIRM } from '../../../functions/domain/activation.ts';
import { canonicalDigest } from '../../../functions/domain/canonical.ts';
import type { Digest } from '../../../functions/domain/digest.ts';
import type { Predicate, Promotion } from '../../../functions/domain/event/statement.ts';
import { ActivationRow, keys, ProposalRow } from '../../../functions/domain/rows.ts';
import { blobKey } from '../../../functions/domain/vault-keys.ts';
import { sealAsked } from '../../../functions/drive.ts';
import { storeSaid } from '../../../functions/store.ts';
import { deskOf, FRANK, GRACE, termsFor, uploaded, value } from '../../support/activation.ts';
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

describe('0043 R35 a policy is put into force by two owners and a release', () => {
  /** What `confirm` writes, without what it asks. */
  async function confirmedBy(person: typeof FRANK, pack: Digest): Promise<void> {
    const desk = deskOf(world);
    const id = value(await propose(desk, termsFor(pack), FRANK));
    const row = ProposalRow.parse((await world.index.get(keys.proposal(id)))?.body);
    const { actor, auth } = person.principal;
    const at = world.clock.now();
    const word = { schema: 'policy-confirmation/v0', proposal: row.proposal, meaning: CONFIRM, actor, auth, at };
    await world.vault.putOnce(blobKey(auth.jwk), person.jwk);
    const body = { id, proposal: row.proposal, confirmation: await storeSaid(world.vault, word), confirmer: actor, at };
    await world.index.commit([{ kind: 'fact', key: keys.successor(row.previous), body }]);
  }
  const inForce = async () => ActivationRow.parse((await world.index.get(keys.activation))?.body).pack;

  it('not by one person twice, whatever the row says', async () => {
    const [before, pack] = [await inForce(), await uploaded(deskOf(world))];
    await confirmedBy(FRANK, pack);
    await expect(sealAsked(world)).rejects.toThrow(/one person/);
    expect(await inForce()).toBe(before);
  });

  it('not where the release is signed by nobody whom the sealer knows', async () => {
    const [before, pack] = [await inForce(), await uploaded(deskOf(world))];
    await confirmedBy(GRACE, pack);
    await expect(sealAsked({ ...world, releases: { ...deskOf(world).releases, keys: [] } } as TestWorld)).rejects.toThrow();
    expect(await inForce()).toBe(before);
    await sealAsked({ ...world, releases: deskOf(world).releases } as TestWorld);
    expect(await inForce()).toBe(pack);
  });
});
