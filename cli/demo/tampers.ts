// Six tampers, six sentences: one byte of each bound field is flipped in an exported copy, and the verifier says which.

import type { EventHash } from '../../functions/domain/digest.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { Statement } from '../../functions/domain/event/statement.ts';
import { summaryOf } from '../../functions/domain/event/summary.ts';
import { verifyEvent } from '../../functions/domain/event/verify.ts';
import type { Trust } from '../../functions/domain/trust.ts';

export type Evidence = { readonly event: EventHash; readonly key: string; readonly files: ReadonlyMap<string, Uint8Array> };
export type Tampered = {
  readonly field: string;
  readonly object: string;
  readonly refused: boolean;
  readonly sentence: string;
};

export async function tamper(evidence: Evidence, trust: Trust): Promise<Tampered[]> {
  const envelope = evidence.files.get(evidence.key);
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  if (envelope === undefined || !opened?.ok) throw new Error('no envelope to tamper with');
  const { predicate } = Statement.parse(JSON.parse(new TextDecoder().decode(opened.value.payload)));
  if (predicate.kind !== 'promotion') throw new Error('only promotions bind six fields');
  const results: Tampered[] = [];
  for (const { field, object: named } of summaryOf(predicate)) {
    const object = named?.key;
    if (object === undefined) continue;
    const read = async (key: string) => (key === object ? flipped(evidence.files.get(key)) : evidence.files.get(key));
    const { checks } = await verifyEvent(envelope, evidence.event, trust, read);
    const check = checks.find(({ name }) => name === field);
    results.push({ field, object, refused: check?.ok === false, sentence: check?.detail ?? 'nothing was said of it' });
  }
  return results;
}

/** One bit in the middle. */
function flipped(bytes: Uint8Array | undefined): Uint8Array | undefined {
  const copy = bytes?.slice();
  const middle = copy === undefined ? 0 : copy.byteLength >> 1;
  if (copy !== undefined) copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
