import type { EventHash } from '../digest.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { openEnvelope, verifyEnvelope } from './envelope.ts';
import { parseStatement } from './statement.ts';

/**
 * Later records that the reader brought: does one of them take this approval back, or end the version? An event cannot know what
 * came after it, and what was left out of these records nobody can see here.
 */
export function checkStillGood(event: EventHash, records: readonly Uint8Array[], trust: Trust): Check {
  let read = 0;
  for (const bytes of records) {
    const opened = openEnvelope(bytes);
    const parsed = opened.ok ? parseStatement(opened.value.payload) : opened;
    if (!opened.ok || !parsed.ok) continue;
    const { predicate } = parsed.value;
    const at = predicate.kind === 'promotion' ? predicate.times.decidedAt : predicate.at;
    if (!verifyEnvelope(opened.value, trust, at).ok) continue;
    read++;
    if (predicate.kind === 'revocation' && predicate.event === event)
      return no('not revoked', 'REVOKED', `taken back at ${predicate.at} by ${opened.value.hash}`);
    if (predicate.kind === 'transition' && predicate.to === null && predicate.from === event)
      return no('not revoked', 'ARCHIVED', `ended at ${predicate.at} by ${opened.value.hash}`);
  }
  return yes('not revoked', `by none of the ${read} records given`);
}
