// A key's window, from the sealer's side and over a rotation: sealing stops, says why, and goes on with the next key; what was
// voted before is sealed after, and both verify.
import { afterEach, describe, expect, it } from 'vitest';
import { window } from '../../../cli/commands/doctor.ts';
import { auditSealed, healsItself } from '../../../functions/audit/audit.ts';
import { readEvent } from '../../../functions/baseline.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { verifyEvent } from '../../../functions/domain/event/verify.ts';
import type { Instant } from '../../../functions/domain/text.ts';
import type { Trust } from '../../../functions/domain/trust.ts';
import { drive, sweep } from '../../../functions/drive.ts';
import { problemOfError } from '../../../functions/http/problem.ts';
import { policyInForce } from '../../../functions/in-force.ts';
import { receive } from '../../../functions/intake/intake.ts';
import { rotate } from '../../../functions/keys/changes.ts';
import { finishKeys } from '../../../functions/keys/keys.ts';
import { within } from '../../../functions/keys/own.ts';
import { readDossier } from '../../../functions/store.ts';
import { WHY } from '../../support/key-folder.ts';
import { built, manifestAt, promote, upload } from '../../support/promote.ts';
import { STEPS } from '../../support/standing.ts';
import {
  eventOf,
  followedFrom,
  type KeyedWorld,
  keysOf,
  newSigner,
  openKeyedWorld,
  pinned,
  rotated,
  sealingWith,
} from '../../support/stolen-key.ts';
import { PIPELINE } from '../../support/world.ts';

const DAY = 86_400_000;
let world: KeyedWorld;
afterEach(() => world.close());

/** The first asks people, the second goes without. */
const [FIRST = '', OTHER = ''] = STEPS;

async function verified(event: EventHash, trust: Trust, at: KeyedWorld): Promise<string[]> {
  const stored = await readEvent(at, event);
  const { checks } = await verifyEvent(stored?.envelope ?? new Uint8Array(), event, trust, (key) => at.vault.get(key));
  return checks.flatMap(({ ok, name, code }) => (ok ? [] : [`${name} ${code}`]));
}

/** Announced and not driven yet. */
async function sent(at: KeyedWorld, path: string) {
  const { request, blobs } = await built(at, await manifestAt(path));
  await upload(at, blobs);
  const taken = await receive(at, canonicalBytes(request), PIPELINE);
  if (!taken.ok) throw new Error(JSON.stringify(taken.problems));
  return taken.value.id;
}

describe('the window of a key', () => {
  it('R13 R22 after it ends nothing is sealed, and the answer says so; rotation revives, and what waited verifies', async () => {
    world = await openKeyedWorld();
    const pin = await keysOf(world);
    const [sealing] = pin.keys;
    if (sealing === undefined) throw new Error('no key');
    const raw = world.signer;
    const bounded: KeyedWorld = Object.assign(Object.create(world), world, { signer: within(raw, sealing, world.clock) });
    world.later(364 * DAY);
    const before = eventOf(await promote(bounded, await manifestAt(FIRST))).eventHash;
    world.later(2 * DAY);
    const id = await sent(bounded, OTHER);
    const fault = await drive(bounded, id).catch((error: unknown) => error);
    expect(problemOfError(fault)).toMatchObject({ code: 'KEY_EXPIRED' });
    const decided = await readDossier(world.index, id);
    expect([decided?.decision?.outcome, decided?.seal]).toEqual(['approved', undefined]);

    const second = await newSigner(world, 'second');
    const frozen = await rotate(bounded, 'seal', second, WHY);
    expect(frozen).toMatchObject({ ok: true });
    await finishKeys(bounded, [raw, second]);
    const after = await sealingWith(world, second);
    await drive(after, id);
    const event = (await readDossier(world.index, id))?.seal?.eventHash as EventHash;
    const trust = pinned(after, await keysOf(after));
    expect(await verified(event, trust, after)).toEqual([]);
    expect(await verified(before, trust, after)).toEqual([]);
    // What a key signs after its window nobody takes, not even a rotation: this list must be pinned by hand.
    expect(await followedFrom(after, pin)).toMatchObject({ ok: false, problems: [{ code: 'KEYS_NOT_FOLLOWED' }] });
  }, 30_000);

  it('R13 decided under the old key, sealed under the new: one event, and all of it verifies and is ours', async () => {
    world = await openKeyedWorld();
    const pin = await keysOf(world);
    const before = eventOf(await promote(world, await manifestAt(FIRST))).eventHash;
    const id = await sent(world, OTHER);
    const failing: KeyedWorld = Object.assign(Object.create(world), world, {
      signer: { ...world.signer, sign: () => Promise.reject(new Error('the machine went down')) },
    });
    await expect(drive(failing, id)).rejects.toThrow('went down');
    world.later(DAY);
    const after = await rotated(world, await newSigner(world, 'second'));
    await sweep(after);
    await drive(after, id);
    const event = (await readDossier(world.index, id))?.seal?.eventHash as EventHash;
    const followed = await followedFrom(after, pin);
    if (!followed.ok) throw new Error(JSON.stringify(followed.problems));
    const trust = pinned(after, followed.value.set);
    expect(await verified(event, trust, after)).toEqual([]);
    expect(await verified(before, trust, after)).toEqual([]);
    expect(await verified(event, pinned(after, pin), after)).toEqual(['signature KEY_UNTRUSTED']);
    expect(await policyInForce(after)).toMatchObject({ ok: true });
    const { faults } = await auditSealed(after, []);
    expect(faults.filter((fault) => !healsItself(fault))).toEqual([]);
  }, 30_000);

  it('the doctor warns a month before, and fails when it is over', async () => {
    world = await openKeyedWorld();
    const [key] = (await keysOf(world)).keys;
    if (key === undefined) throw new Error('no key');
    const at = (days: number) => new Date(Date.parse(key.notAfter) - days * DAY).toISOString() as Instant;
    expect([window(key, at(200)).state, window(key, at(29)).state, window(key, at(-1)).state]).toEqual(['ok', 'note', 'fail']);
    expect(window(key, at(29)).detail).toContain('29 days left');
  });
});
