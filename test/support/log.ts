// A log by itself: the product's sequencer over the embedded adapters, with envelopes that need no promotion.
import type { StoredEvent } from '../../functions/baseline.ts';
import { noteKeyOf, SIGNATURE_TYPES } from '../../functions/domain/log/note.ts';
import { instantOf } from '../../functions/domain/text.ts';
import type { Witness } from '../../functions/log/cosign.ts';
import type { World } from '../../functions/ports.ts';
import { storeEnvelope } from '../../functions/seal/seal.ts';
import { eventWrites } from '../../functions/store.ts';
import type { WitnessWorld } from '../../functions/witness/add-checkpoint.ts';
import { addCheckpoint } from '../../functions/witness/add-checkpoint.ts';

/** Seals a small record, as any stage does: envelope first, then its rows. Each number is another event. */
export async function sealRecord(world: World, n: number): Promise<StoredEvent['hash']> {
  const at = instantOf(Date.parse('2026-11-01T08:00:00.000Z') + n);
  const { eventHash, key } = await storeEnvelope(world, {
    kind: 'start',
    organisation: `Bank ${n}`,
    retentionOwner: 'model-risk',
    statement: 'A record of its own, for the log.',
    at,
  });
  await world.index.commit(eventWrites(eventHash, { request: null, key, kind: 'start', outcome: null }));
  return eventHash;
}

/** A witness that is asked without HTTP. */
export const witnessOf = (world: WitnessWorld): Witness => ({ key: world.key, ask: (body) => addCheckpoint(world, body) });

export const witnessKey = (name: string, spki: string) => noteKeyOf(name, SIGNATURE_TYPES.cosignature, spki);
