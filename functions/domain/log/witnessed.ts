// When was this event in the log at the latest, by the clock of people who do not depend on us? The one answer that a stolen
// key cannot forge. A token of a timestamping authority over the checkpoint would be a second way to the same instant.
import { type Instant, instantOf } from '../text.ts';
import type { Trust } from '../trust.ts';
import { type Checkpoint, cosignedAt, signedByLog } from './checkpoint.ts';
import { leafBytes, leafOf } from './leaf.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { parseVkey } from './note.ts';
import { parseProof } from './proof.ts';

/**
 * The moment at which as many witnesses as the trust asks for had cosigned a tree with this event in it. Undefined when nothing
 * shows one: no proof, a proof that does not hold, no witness that the reader trusts.
 */
export function witnessedAt(envelope: Uint8Array, proof: string | undefined, trust: Trust): Instant | undefined {
  const parsed = proof === undefined ? undefined : parseProof(proof);
  const leaf = leafOf(envelope);
  if (!parsed?.ok || !leaf.ok) return undefined;
  const { index, path, checkpoint } = parsed.value;
  if (!ofTrustedLog(checkpoint, trust)) return undefined;
  if (!verifyInclusion(leafHash(leafBytes(leaf.value)), index, checkpoint.size, path, checkpoint.root)) return undefined;
  return cosignedBySome(checkpoint, trust);
}

/** When the k-th of the trusted witnesses had signed; its own word, under its signature. */
export function cosignedBySome(checkpoint: Checkpoint, { witnesses }: Pick<Trust, 'witnesses'>): Instant | undefined {
  const times = [...new Set(witnesses?.vkeys ?? [])].flatMap((vkey) => {
    const key = parseVkey(vkey);
    const seconds = key.ok ? cosignedAt(checkpoint, key.value) : undefined;
    return seconds === undefined ? [] : [seconds];
  });
  const last = times.sort((a, b) => a - b)[(witnesses?.required ?? 1) - 1];
  return last === undefined ? undefined : instantOf(last * 1000);
}

function ofTrustedLog(checkpoint: Checkpoint, { logs = [], class: gate }: Trust): boolean {
  return logs.some(({ vkey, class: keyClass }) => {
    const key = parseVkey(vkey);
    if (!key.ok || key.value.name !== checkpoint.origin || (gate === 'prod' && keyClass === 'dev')) return false;
    return signedByLog(checkpoint, key.value) === true;
  });
}
