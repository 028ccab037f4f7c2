import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activeOf, confirm, finishActivation, propose, readRelease, waitingProposals } from '../../../functions/activation.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { PROPOSE } from '../../../functions/domain/activation.ts';
import { handleOf } from '../../../functions/domain/actor.ts';
import { type Digest, digestOf, type EventHash } from '../../../functions/domain/digest.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { instantOf } from '../../../functions/domain/text.ts';
import { packKey } from '../../../functions/domain/vault-keys.ts';
import { wasInForce } from '../../../functions/in-force.ts';
import { storeBlob } from '../../../functions/intake/blob.ts';
import type { Identified } from '../../../functions/ports.ts';
import {
  activated,
  codes,
  type Desk,
  deskOf,
  FRANK,
  GRACE,
  HEIDI,
  handIn,
  OWNER_ROLES,
  termsFor,
  uploaded,
  value,
} from '../../support/activation.ts';
import { nameOf, packWithExpiry, signed } from '../../support/release.ts';
import { ALICE, identified, openWorld, PIPELINE } from '../../support/world.ts';

let desk: Desk;
let first: EventHash;
beforeEach(async () => {
  desk = deskOf(await openWorld());
  first = (await active()).event;
});
afterEach(() => desk.close());

const active = async () => {
  const found = await activeOf(desk.index);
  if (!found) throw new Error('nothing is active');
  return found.row;
};

async function sealed(hash: EventHash) {
  const event = await readEvent(desk, hash);
  if (event?.predicate.kind !== 'policyActivation') throw new Error('no activation');
  return event.predicate;
}

const recordsOf = async () => {
  const found: string[] = [];
  for await (const key of desk.vault.list('records/')) found.push(key);
  return found;
};

describe('R35 the start', () => {
  it('seals the first policy with a signed release, and says that nobody approved it', async () => {
    expect(await sealed(first)).toMatchObject({ change: { absent: 'start' } });
    expect(codes(await readRelease(desk, (await active()).pack))).toEqual([]);
    const { pack, at } = await active();
    expect(await wasInForce(desk, pack, at)).toBe(true);
  });
});

describe('R35 R52 a policy is put into force by two people, one of whom did not write it', () => {
  it('seals who proposed, who confirmed, what it replaced and what was read', async () => {
    const report = new TextEncoder().encode('of 412 promotions, 9 would re-route');
    const whatIf = value(await storeBlob(desk.vault, digestOf(report), report));
    const pack = await uploaded(desk);
    const id = value(await propose(desk, termsFor(pack, { whatIf }), FRANK));
    expect((await active()).event).toBe(first);
    expect(await waitingProposals(desk, { row: await active(), revision: 1 })).toMatchObject([
      { id, proposal: { pack, meaning: PROPOSE } },
    ]);

    const event = value(await confirm(desk, id, GRACE));
    expect(await active()).toMatchObject({ pack, event });
    const predicate = await sealed(event);
    expect(predicate).toMatchObject({
      pack,
      start: (await sealed(first)).start,
      change: {
        version: '1.1.0',
        commit: 'c'.repeat(40),
        authors: [handleOf(FRANK.principal.actor)],
        whatIf,
        previous: first,
        approvals: [
          { act: 'proposed', actor: { sub: 'person-frank' }, auth: { roles: OWNER_ROLES } },
          { act: 'confirmed', actor: { sub: 'person-grace' }, at: predicate.at },
        ],
      },
    });
    expect(Object.keys(predicate.files).sort()).toEqual([
      'capabilities.json',
      'data.json',
      'manifest.json',
      'policy.wasm',
      'release.dsse.json',
      'rulebook.json',
      'sources.json',
    ]);
    expect(await wasInForce(desk, pack, (await active()).at)).toBe(true);
    expect(await waitingProposals(desk, { row: await active(), revision: 2 })).toEqual([]);
  });

  it.each<[string, Identified, Identified, string[], string[]]>([
    ['one person twice', FRANK, FRANK, ['x'], ['SEPARATION ']],
    ['both wrote it', FRANK, GRACE, ['person-frank', handleOf(GRACE.principal.actor)], ['SEPARATION ']],
    ['the second holds no such role', FRANK, ALICE, ['x'], ['NOT_YOURS ']],
    ['the second is a service', FRANK, identified('service', 'robot', OWNER_ROLES), ['x'], ['PERSON_ONLY ']],
  ])('refuses when %s', async (_, proposer, confirmer, authors, expected) => {
    const id = value(await propose(desk, termsFor(await uploaded(desk), { authors }), proposer));
    expect(codes(await confirm(desk, id, confirmer))).toEqual(expected);
    expect((await active()).event).toBe(first);
    await finishActivation(desk);
    expect((await active()).event).toBe(first);
  });

  it('one of the two may have written it, whoever of them', async () => {
    const pack = await uploaded(desk);
    const id = value(await propose(desk, termsFor(pack, { authors: ['person-grace'] }), FRANK));
    value(await confirm(desk, id, GRACE));
    expect((await active()).pack).toBe(pack);
  });

  it.each<[string, Identified, string[]]>([
    ['somebody without the role', ALICE, ['NOT_YOURS ']],
    ['a pipeline', PIPELINE, ['PERSON_ONLY ']],
  ])('%s proposes nothing', async (_, who, expected) => {
    expect(codes(await propose(desk, termsFor(await uploaded(desk)), who))).toEqual(expected);
  });

  it('refuses what was never uploaded, what is active already, and a report that is not here', async () => {
    const nowhere = `sha256:${'0'.repeat(64)}` as Digest;
    expect(codes(await propose(desk, termsFor(nowhere, { whatIf: nowhere }), FRANK))).toEqual([
      'POLICY_NOT_UPLOADED /pack',
      'BYTES_MISSING /whatIf',
    ]);
    expect(codes(await propose(desk, termsFor((await active()).pack), FRANK))).toEqual(['POLICY_ALREADY_ACTIVE /pack']);
    expect(codes(await confirm(desk, nowhere, GRACE))).toEqual(['NOT_FOUND ']);
  });

  it('goes back to an older release by a new activation', async () => {
    const [old, pack] = [(await active()).pack, await uploaded(desk)];
    await activated(desk, pack);
    const back = await activated(desk, old);
    expect(await active()).toMatchObject({ pack: old, event: back });
    expect(await recordsOf()).toHaveLength(4); // start, first, second, back
  });
});

describe('R35 a release is taken in whole and signed, or not at all', () => {
  const nothingStored = async (pack: Digest) => expect(await desk.vault.get(packKey(pack, 'manifest.json'))).toBeUndefined();

  it('refuses one whose name is another', async () => {
    const files = await signed(packWithExpiry(7), desk.signer);
    expect(codes(await handIn(desk, files, nameOf(packWithExpiry(8))))).toEqual(['POLICY_BYTES_CHANGED /manifest.json']);
    await nothingStored(nameOf(packWithExpiry(8)));
    await nothingStored(nameOf(files));
  });

  it('refuses an unsigned one, and takes it when it is signed', async () => {
    const files = packWithExpiry(7);
    expect(codes(await handIn(desk, files))).toEqual(['POLICY_NOT_SIGNED /release.dsse.json']);
    await nothingStored(nameOf(files));
    expect(await uploaded(desk)).toBe(nameOf(files));
    expect(await uploaded(desk)).toBe(nameOf(files)); // the second signature differs; the first stands
  });

  it('confirms nothing when the bytes in the vault are no longer those that were signed', async () => {
    const pack = await uploaded(desk);
    const id = value(await propose(desk, termsFor(pack), FRANK));
    const get = desk.vault.get.bind(desk.vault);
    const changed = async (key: string) => (key === packKey(pack, 'data.json') ? new Uint8Array([1]) : get(key));
    const broken: Desk = { ...desk, vault: { ...methods(desk), get: changed } };
    expect(codes(await confirm(broken, id, GRACE))).toEqual(['POLICY_BYTES_CHANGED /data.json']);
    expect((await active()).event).toBe(first);
  });
});

const methods = ({ vault }: Desk) => ({
  putOnce: vault.putOnce.bind(vault),
  size: vault.size.bind(vault),
  list: vault.list.bind(vault),
});

describe('R13 the same act twice is one act', () => {
  it('a proposal sent again is the first; a confirmation sent again answers the same event', async () => {
    const pack = await uploaded(desk);
    const [a, b] = await Promise.all([propose(desk, termsFor(pack), FRANK), propose(desk, termsFor(pack), FRANK)]);
    expect(value(a)).toBe(value(b));
    const [c, d] = await Promise.all([confirm(desk, value(a), GRACE), confirm(desk, value(a), GRACE)]);
    expect(value(c)).toBe(value(d));
    expect(value(await confirm(desk, value(a), GRACE))).toBe(value(c));
    expect(await recordsOf()).toHaveLength(3);
  });

  it('of two people who confirm at once one is first, and the other learns who', async () => {
    const id = value(await propose(desk, termsFor(await uploaded(desk)), FRANK));
    const both = await Promise.all([confirm(desk, id, GRACE), confirm(desk, id, HEIDI)]);
    expect(both.filter((one) => one.ok)).toHaveLength(1);
    expect(both.flatMap(codes)).toEqual(['OTHER_ANSWER_STORED ']);
    expect(await recordsOf()).toHaveLength(3);
  });

  it('of two releases confirmed at once one follows; the other must be compared with it first', async () => {
    const seven = value(await propose(desk, termsFor(await uploaded(desk, 7)), FRANK));
    const eight = value(await propose(desk, termsFor(await uploaded(desk, 8)), FRANK));
    const both = await Promise.all([confirm(desk, seven, GRACE), confirm(desk, eight, HEIDI)]);
    expect(both.filter((one) => one.ok)).toHaveLength(1);
    expect(both.flatMap(codes)).toEqual(['POLICY_MOVED ']);
    expect(codes(await confirm(desk, both[0]?.ok ? eight : seven, HEIDI))).toEqual(['POLICY_MOVED ']);
    expect(await recordsOf()).toHaveLength(3);
  });
});

describe('POL-003', () => {
  it('believes no row that has no sealed activation behind it', async () => {
    const pack = await uploaded(desk);
    const body = { ...(await active()), pack };
    expect(await wasInForce(desk, pack, body.at)).toBe(false);
    await desk.index.commit([{ kind: 'fact', key: keys.activated(pack, first), body }]);
    expect(await wasInForce(desk, pack, body.at)).toBe(false);
  });

  it('R35 a pack counts from when it was put into force until another replaced it', async () => {
    const before = await active();
    desk.later(3_600_000);
    await activated(desk, await uploaded(desk));
    const now = await active();
    expect(await wasInForce(desk, before.pack, before.at)).toBe(true);
    expect(await wasInForce(desk, now.pack, before.at)).toBe(false);
    expect(await wasInForce(desk, now.pack, now.at)).toBe(true);
    // The minute in which two people's confirmation is sealed.
    expect(await wasInForce(desk, before.pack, now.at)).toBe(true);
    expect(await wasInForce(desk, before.pack, instantOf(Date.parse(now.at) + 60_001))).toBe(false);
  });
});
