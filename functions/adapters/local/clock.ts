import { instantOf } from '../../domain/text.ts';
import type { Clock } from '../../ports.ts';

/** The machine's clock, held so that it never runs backwards within this process. */
export function systemClock(): Clock {
  let latest = 0;
  return {
    now: () => {
      latest = Math.max(latest, Date.now());
      return instantOf(latest);
    },
  };
}
