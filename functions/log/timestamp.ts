// Asks authorities when the published tree was there (RFC 3161). Like a witness, one that does not answer holds nothing up.
import { type Authority, verifyTimestamp } from '../domain/log/timestamp.ts';
import { checkpointKey, timestampKey } from '../domain/vault-keys.ts';
import type { Timestamper } from '../ports.ts';
import type { Trouble } from './cosign.ts';
import { type LogWorld, readPublished } from './log.ts';

export type TimestampSource = Timestamper & { readonly authority: Authority };

export async function timestamp(
  { vault, index }: Pick<LogWorld, 'vault' | 'index'>,
  sources: readonly TimestampSource[],
): Promise<Trouble[]> {
  const published = await readPublished(index);
  const checkpoint = published && (await vault.get(checkpointKey(published.size)));
  if (published === undefined || checkpoint === undefined) return [];
  const troubles: Trouble[] = [];
  for (const source of sources) {
    const { authority } = source;
    const key = timestampKey(published.size, authority.id);
    // One token for each tree and authority: the earliest is worth most.
    if ((await vault.size(key)) !== undefined) continue;
    try {
      const token = await source.stamp(checkpoint);
      const verified = await verifyTimestamp(token, checkpoint, authority);
      if (verified.ok) await vault.putOnce(key, token);
      else troubles.push({ witness: authority.name, kind: 'refused', detail: verified.problems[0]?.detail ?? '' });
    } catch (error) {
      troubles.push({
        witness: authority.name,
        kind: 'unreachable',
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return troubles;
}
