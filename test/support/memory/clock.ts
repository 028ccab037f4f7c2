// Imitates a machine's clock that the test moves: each look is a millisecond later, so that an order of events can be told from
// their times. Held to the same law as the real one in test/contract.
import { instantOf } from '../../../functions/domain/text.ts';
import type { Clock } from '../../../functions/ports.ts';

export function memoryClock(begin: number): Clock & { readonly later: (ms: number) => void } {
  let now = begin;
  return {
    now: () => instantOf(now++),
    later: (ms) => {
      now += Math.max(0, ms);
    },
  };
}
