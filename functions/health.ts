// The health of the evidence store as everybody asks for it: notes beside the store, folded anew at each look.
import { z } from 'zod';
import { InfrastructureError } from './domain/errors.ts';
import { type Health, type HealthLimits, HealthNote, healthOf } from './domain/health.ts';
import { type Problem, problem } from './domain/result.ts';
import type { Spool } from './ports.ts';

export type Warden = {
  readonly look: () => Promise<Health>;
  readonly note: (note: HealthNote) => Promise<void>;
  readonly limits: HealthLimits;
};

export function wardenOf(spool: Spool, limits: HealthLimits, lookEveryMs: number): Warden {
  /** Faults that could not be written down either: kept for this process until they can. */
  const unwritten: HealthNote[] = [];
  /** Asked at every request, changed a few times a year. */
  let known: readonly unknown[] = [];
  let read: readonly HealthNote[] = [];
  return {
    limits,
    look: async () => {
      const lines = await spool.read();
      if (lines.length !== known.length || lines.at(-1) !== known.at(-1)) {
        const notes = z.array(HealthNote).safeParse(lines);
        if (!notes.success) throw new InfrastructureError('the notes of the store’s health do not read', { retryable: false });
        known = [...lines];
        read = notes.data;
      }
      return healthOf([...read, ...unwritten], limits, lookEveryMs);
    },
    note: async (given) => {
      const note = readable(given);
      try {
        // First what came first: told after a canary that was sealed later, an old fault would hold this process frozen for ever.
        for (let [first] = unwritten; first !== undefined; [first] = unwritten) {
          await spool.append(first);
          unwritten.shift();
        }
        await spool.append(note);
      } catch (error) {
        if (note.kind !== 'fault') throw error;
        unwritten.push(note);
      }
    },
  };
}

type Guarded = { readonly health?: Warden };

/** One line that does not read stops every look from then on, and it is never taken away: so nothing such is written. */
const readable = (note: HealthNote): HealthNote =>
  HealthNote.parse(note.kind === 'fault' && note.reason === '' ? { ...note, reason: 'an error that says nothing' } : note);

const NAMES_OF_AWS = /\barn:[^\s"',;)]+|\b\d{12}\b/g;

/** As strangers may read it, who are told by the gate and by /healthz: one line, without accounts, roles and keys. The notes keep all. */
export const reasonForAll = (reason: string): string => (reason.split('\n')[0] ?? '').replace(NAMES_OF_AWS, '…');

/** Why nothing is decided now; undefined when it may be. */
export async function frozenProblem({ health }: Guarded): Promise<Problem | undefined> {
  const seen = await health?.look();
  if (seen?.state !== 'FROZEN') return undefined;
  const ends = seen.held
    ? 'until its operator lets go of it'
    : seen.eta === null
      ? 'nobody can say until when'
      : `expected until ${seen.eta}`;
  return problem('FROZEN', '', `since ${seen.since}, ${ends}: ${reasonForAll(seen.reason ?? 'unknown')}`);
}

export const isFrozen = async (world: Guarded): Promise<boolean> => (await frozenProblem(world)) !== undefined;
