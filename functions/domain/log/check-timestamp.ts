// How late can an event be? Before the time at which an authority that the reader trusts saw the tree with it.
import { type Check, no, type Trust, yes } from '../trust.ts';
import { checkpointKey, type Read, timestampKey } from '../vault-keys.ts';
import { parseProof } from './proof.ts';

const NAME = 'timestamp';

/** Undefined when the trust names no authority, or none of them has stamped. A token that is there and does not hold is a no. */
export async function checkTimestamps(proof: string | undefined, trust: Trust, read: Read): Promise<Check | undefined> {
  const parsed = proof === undefined ? undefined : parseProof(proof);
  if (!parsed?.ok) return undefined;
  const { size, note } = parsed.value.checkpoint;
  const stamped = await read(checkpointKey(size));
  const authorities = trust.timestampAuthorities ?? [];
  if (authorities.length === 0) return undefined;
  // A hundred files of DER parsers, which nobody loads whose trust names no authority.
  const { parseAuthority, verifyTimestamp } = await import('./timestamp.ts');
  const seen: string[] = [];
  for (const pem of authorities) {
    const authority = parseAuthority(pem);
    if (!authority.ok) return no(NAME, 'TIMESTAMP_INVALID', `the trust names no authority: ${authority.problems[0]?.detail}`);
    const token = await read(timestampKey(size, authority.value.id));
    if (token === undefined) continue;
    if (stamped === undefined || !new TextDecoder().decode(stamped).startsWith(`${note.text}\n— `))
      return no(NAME, 'TIMESTAMP_INVALID', 'the checkpoint that was stamped is not that of the proof');
    const at = await verifyTimestamp(token, stamped, authority.value);
    if (!at.ok) return no(NAME, 'TIMESTAMP_INVALID', at.problems[0]?.detail ?? '');
    seen.push(`${at.value} by ${authority.value.name}`);
  }
  return seen.length === 0 ? undefined : yes(NAME, `the tree of ${size} existed at ${seen.join(', and at ')}`);
}
