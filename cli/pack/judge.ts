import type { Digest, EventHash } from '../../functions/domain/digest.ts';
import type { Predicate } from '../../functions/domain/event/statement.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import { isNamedBy } from '../../functions/domain/pack/derived.ts';
import { INDEX } from '../../functions/domain/pack/listing.ts';
import type { Check, Trust } from '../../functions/domain/trust.ts';
import type { OpenedEvidence } from '../commands/evidence-folder.ts';

export type Judged = {
  readonly hash: EventHash | null;
  readonly predicate: Predicate | null;
  readonly checks: readonly Check[];
  readonly notProven: readonly string[];
  /** False for evidence without an index: then only what the event names was looked at. */
  readonly whole: boolean;
};

/** The event, then every other byte that came with it. `tools`: what this program writes beside the evidence. */
export async function judgePack(
  { event, envelope, vault, pack }: OpenedEvidence,
  trust: Trust,
  tools: () => Promise<ReadonlyMap<string, Digest>>,
): Promise<Judged> {
  const verified = await verifyEvent(envelope, event, trust, (key) => vault.get(key));
  const names = await pack.names();
  if (!pack.zip && !names.includes(INDEX)) return { ...verified, notProven: [], whole: false };
  const { predicate } = verified;
  // Loaded where there is a pack: evidence alone needs neither.
  const { checkPack } = await import('../../functions/domain/pack/check.ts');
  const belonging = async () => {
    const { exportKeys } = await import('../../functions/export.ts');
    if (predicate === null) throw new Error('the event does not read');
    const key = names.find((name) => /^(?:events|records)/.test(name) && isNamedBy(name, event)) ?? '';
    return exportKeys({ vault: { get: pack.get } }, { key, predicate });
  };
  const packed = await checkPack({ names, read: pack.get }, { event, trust, belonging, tools: await tools() });
  return { ...verified, checks: [...verified.checks, ...packed.checks], notProven: packed.notProven, whole: true };
}
