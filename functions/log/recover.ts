// Once at each start, before anything is appended: is the index that decides races still the one that this vault belongs to?
import { EventHash } from '../domain/digest.ts';
import { keys } from '../domain/rows.ts';
import { halt, type LogWorld, readLogHead } from './log.ts';

/**
 * A vault that is ahead of the index means an index put back to an older day, or another one: appending to it would sign a
 * second history. An index ahead of the vault is what a crash leaves, and is finished by the next append.
 */
export async function refuseOlderIndex({ vault, index }: LogWorld): Promise<void> {
  let published = 0;
  for await (const key of vault.list('log/checkpoints/'))
    published = Math.max(published, Number(key.slice('log/checkpoints/'.length)));
  // Read last: another server may be appending, and each checkpoint follows its commit.
  const size = (await readLogHead(index))?.row.size ?? 0;
  if (published > size) halt(`the vault holds a checkpoint of ${published}, the index knows of ${size}: it is an older index`);
}

/** Events that were sealed before there was a log are put before it, as if they had just been sealed. */
export async function queueUnlogged({ vault, index }: LogWorld): Promise<number> {
  let queued = 0;
  for (const folder of ['events/', 'records/'])
    for await (const key of vault.list(folder)) {
      // The name is its hash; the append reads the envelope and holds it against that.
      const hash = EventHash.parse(`sha256:${key.slice(folder.length, -'.dsse.json'.length)}`);
      // An envelope without its row is not sealed yet; one with its leaf is logged.
      if ((await index.get(keys.event(hash))) === undefined || (await index.get(keys.leaf(hash)))) continue;
      const outcome = await index.commit([{ kind: 'register', key: keys.unlogged(hash), body: { key }, expected: 'absent' }]);
      if (outcome.kind === 'committed') queued++;
    }
  return queued;
}
