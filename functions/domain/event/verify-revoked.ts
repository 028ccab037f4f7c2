import type { EventHash } from '../digest.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { openEnvelope, verifyEnvelope } from './envelope.ts';
import { type Predicate, parseStatement, sealedAt } from './statement.ts';

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
    const { hash } = opened.value;
    const end = endOf(predicate, event);
    const believed = verifyEnvelope(opened.value, trust, sealedAt(predicate)).ok;
    if (believed) read++;
    if (end === undefined) continue;
    // By a newer key or by a liar: with such a record before one's eyes nobody can say that the approval stands.
    if (!believed) return no('not revoked', 'KEY_UNTRUSTED', `${hash} takes it back, signed by no key in the trust given`);
    return no('not revoked', end.code, `${end.words} at ${sealedAt(predicate)} by ${hash}`);
  }
  return yes('not revoked', `by none of the ${read} records given`);
}

function endOf(predicate: Predicate, event: EventHash) {
  if (predicate.kind === 'revocation' && predicate.event === event) return { code: 'REVOKED', words: 'taken back' } as const;
  if (predicate.kind === 'transition' && predicate.to === null && predicate.from === event)
    return { code: 'ARCHIVED', words: 'ended' } as const;
  return undefined;
}
