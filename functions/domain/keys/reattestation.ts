// An honest event that was sealed after its key was stolen cannot be told from a forged one by its signature. The store makes
// its statement again from what it froze at the time, sees that it is the same to the byte, and says so under the new key.
import { z } from 'zod';
import { Digest, EventHash } from '../digest.ts';
import { Instant, prose } from '../text.ts';
import { KeyId } from './set.ts';

export const Reattestation = z.strictObject({
  kind: z.literal('reattestation'),
  /** The event that it is about: its payload's hash, so its every byte but the signature. */
  event: EventHash,
  /** The list of keys that calls the old key compromised. */
  keys: Digest,
  compromised: KeyId,
  /**
   * How it was found honest. `rows`: made again from the rows that were frozen for it, and the same hash came out. `journal`: the
   * journal of this store names its hash, with everything that was written beside it.
   */
  foundIn: z.enum(['rows', 'journal']),
  reason: prose(10, 2000),
  at: Instant,
});
export type Reattestation = z.infer<typeof Reattestation>;
