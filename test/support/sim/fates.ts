// What becomes of a call: it succeeds, or one of these. Reads and writes are counted apart, so that a short list of numbers says all
// that goes wrong in a run, and a shorter list is a smaller run.
import fc from 'fast-check';
import type { Call } from '../faults.ts';

/**
 * `fail`: it did nothing and says so. `throttle`: so do this process's next five. `lose`: it took effect, the reply is lost. `twice`:
 * sent again below the caller, who sees the second answer. `crashBefore`, `crashAfter`: the process dies around it. A reply that
 * is late, and so of an older moment, needs no fate: each call has one turn for its effect and one for its reply.
 */
const KINDS = ['fail', 'throttle', 'lose', 'twice', 'crashBefore', 'crashAfter'] as const;
export type Fate = (typeof KINDS)[number];

export type Plan = {
  readonly writes: readonly (readonly [number, Fate])[];
  readonly reads: readonly (readonly [number, Fate])[];
};

export const CALM: Plan = { writes: [], reads: [] };

export const PLAN: fc.Arbitrary<Plan> = fc.record({
  writes: fc.array(fc.tuple(fc.nat(150), fc.constantFrom(...KINDS)), { maxLength: 12 }),
  reads: fc.array(fc.tuple(fc.nat(800), fc.constantFrom('fail' as const, 'throttle' as const, 'crashBefore' as const)), {
    maxLength: 4,
  }),
});

const writes = ({ op }: Call): boolean => /putOnce|commit|sign/.test(op);

export function fates(plan: Plan): (call: Call) => Fate | undefined {
  const [ofWrites, ofReads] = [new Map(plan.writes), new Map(plan.reads)];
  let [wrote, read] = [0, 0];
  return (call) => (writes(call) ? ofWrites.get(wrote++) : ofReads.get(read++));
}
