// A log by itself: the product's sequencer over the embedded adapters, with envelopes that need no promotion.
import type { StoredEvent } from '../../functions/baseline.ts';
import { checkpointText, signedCheckpoint } from '../../functions/domain/log/checkpoint.ts';
import type { Head } from '../../functions/domain/log/merkle.ts';
import { instantOf } from '../../functions/domain/text.ts';
import type { LogIdentity } from '../../functions/log/log.ts';
import { logKeyOf } from '../../functions/log/publish.ts';
import type { World } from '../../functions/ports.ts';
import { storeEnvelope } from '../../functions/seal/seal.ts';
import { eventWrites } from '../../functions/store.ts';

/** Seals a small record, as the stages do: envelope first, then its rows. Each number is another event. */
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

/** A checkpoint that the log's key signs, whatever it says: what a log does that lies. */
export async function checkpointOf({ origin, signer }: LogIdentity, head: Head): Promise<string> {
  const text = checkpointText(origin, head);
  return signedCheckpoint(text, logKeyOf({ origin, signer }), await signer.sign(new TextEncoder().encode(text)));
}
