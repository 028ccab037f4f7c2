// A process whose role may not sign: it freezes what people did and asks whoever may seal it. What comes out is what one process
// would have sealed alone.
import { describe, expect, it } from 'vitest';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { ActivationRow, keys } from '../../../functions/domain/rows.ts';
import { drive, sealAsked, sweep } from '../../../functions/drive.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import type { Sealer, Signer } from '../../../functions/ports.ts';
import { activated, deskOf, uploaded } from '../../support/activation.ts';
import { consent, proposedIn } from '../../support/acts.ts';
import { announce, built, dossierOf, manifestAt, promote, upload } from '../../support/promote.ts';
import { LEAD } from '../../support/staged-line.ts';
import { PLACE, STEPS, said } from '../../support/standing.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const mute = (signer: Signer): Signer => ({
  ...signer,
  sign: async () => {
    throw new Error('this process may not sign');
  },
});

/** The same store, asked by a process without rights; `sealer` defaults to one that does its work. */
function front(
  world: TestWorld,
  sealer: Sealer = { seal: (request) => sealAsked(world, request) },
): TestWorld & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    ...world,
    asked,
    signer: mute(world.signer),
    tlog: { ...world.tlog, signer: mute(world.tlog.signer) },
    sealer: {
      seal: async (request) => {
        asked.push(request ?? 'all');
        await sealer.seal(request);
      },
    },
    sequencer: { append: () => appendToLog(world) },
  };
}

const isSealed = async (world: TestWorld, event: EventHash) => (await world.index.get(keys.event(event))) !== undefined;

describe('R12 who may not sign', () => {
  it('suspends: the record is frozen here, sealed there, and answered with its event', async () => {
    const world = await openWorld();
    await promote(world, await manifestAt(STEPS[0] ?? ''));
    const asking = front(world);
    const event = await said(asking, 'suspended');
    expect([asking.asked, await isSealed(world, event)]).toEqual([['all'], true]);
    // The same once more needs nobody.
    expect([await said(asking, 'suspended'), asking.asked]).toEqual([event, ['all']]);
    await world.close();
  });

  it('puts a policy into force, and ends a version', async () => {
    const world = await openWorld();
    const pack = await uploaded(deskOf(world));
    const event = await activated(deskOf(front(world)), pack);
    expect(ActivationRow.parse((await world.index.get(keys.activation))?.body)).toMatchObject({ pack, event });
    await world.close();

    const other = await openWorld();
    const { id } = await proposedIn(other);
    const answer = await consent(front(other), id, LEAD);
    expect(answer).toMatchObject({ ok: true });
    expect((await other.index.get(keys.act(id, 'seal')))?.body).toBeDefined();
    await other.close();
  });

  it('takes only its own steps of a request; the seal is asked for by its id', async () => {
    const world = await openWorld();
    await promote(world, await manifestAt(STEPS[0] ?? ''));
    const { request, blobs } = await built(world, await manifestAt(STEPS[1] ?? ''));
    await upload(world, blobs);
    const asking = front(world);
    const id = await announce({ ...asking, run: async () => undefined }, request);
    expect(await drive(asking, id, new Set(['compare']))).toBe('compared');
    expect(await drive(asking, id, new Set(['route', 'render', 'settle']))).toBe('decided');
    expect(asking.asked).toEqual([]);
    expect(await drive(asking, id)).toBe('sealed');
    expect([asking.asked, (await dossierOf(world, id)).decision?.outcome]).toEqual([[id], 'approved']);
    await world.close();
  });

  it('answers that it cannot tell when the other did not seal; the next sweep does, with the same event', async () => {
    const world = await openWorld();
    await promote(world, await manifestAt(STEPS[0] ?? ''));
    const asking = front(world, { seal: async () => undefined });
    await expect(said(asking, 'suspended')).rejects.toThrow(InfrastructureError);
    await sweep(world);
    const event = await said(asking, 'suspended');
    expect([await isSealed(world, event), PLACE.line]).toEqual([true, PLACE.line]);
    await world.close();
  });
});
