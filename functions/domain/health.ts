// Does the evidence store take and keep what must be sealed? A fold over notes that are kept beside it, so that neither a crash
// nor the store's own failure forgets that it is frozen (R23).
import { z } from 'zod';
import { Digest } from './digest.ts';
import { type Instant, Instant as InstantText, instantOf, laterOf } from './text.ts';

/** Limits of the configuration. A promotion or record that is sealed counts as a canary. */
export const HealthLimits = z.strictObject({
  /** After so long without anything sealed, a record is sealed to see that it works. */
  canaryMinutes: z.int().min(1).max(1440).default(60),
  /** Faults within the window: at the first it is degraded, at this many frozen. */
  frozenAfter: z.int().min(1).max(100).default(3),
  windowMinutes: z.int().min(1).max(1440).default(15),
  /** Canaries in a row that must be sealed before it thaws. */
  thawAfter: z.int().min(1).max(100).default(3),
});
export type HealthLimits = z.infer<typeof HealthLimits>;

const at = InstantText;
const reason = z.string().min(1).max(2000);

export const HealthNote = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sealed'), at }),
  z.strictObject({ kind: z.literal('fault'), at, reason }),
  /** By the operator: stays until the operator lets go of it. */
  z.strictObject({ kind: z.literal('freeze'), at, reason }),
  z.strictObject({ kind: z.literal('release'), at, reason }),
  /** The gate allowed a deployment by it; sealed at the thaw. `envelope`: base64, as it was presented. */
  z.strictObject({ kind: z.literal('intent'), at, intent: Digest, envelope: z.string() }),
  /** These were sealed. What is not named so waits for the next look, also when it came while the store thawed. */
  z.strictObject({ kind: z.literal('settled'), at, intents: z.array(Digest) }),
  z.strictObject({ kind: z.literal('thawed'), at }),
]);
export type HealthNote = z.infer<typeof HealthNote>;
export type IntentNote = Extract<HealthNote, { kind: 'intent' }>;

export type Health = {
  readonly state: 'HEALTHY' | 'DEGRADED' | 'FROZEN';
  /** Since when it is what it is; null while it was never otherwise. */
  readonly since: Instant | null;
  readonly reason: string | null;
  /** Kept frozen by the operator. */
  readonly held: boolean;
  /** Enough canaries in a row: it may be thawed. */
  readonly ready: boolean;
  /** When it thaws if all goes well; null when nobody can say. */
  readonly eta: Instant | null;
  readonly intents: readonly IntentNote[];
  readonly last: Instant | null;
};

type State = Omit<Health, 'ready' | 'eta'> & { readonly good: number; readonly faults: readonly Instant[] };

const BEGIN: State = {
  state: 'HEALTHY',
  since: null,
  reason: null,
  held: false,
  intents: [],
  last: null,
  good: 0,
  faults: [],
};

const MS_PER_MINUTE = 60_000;

export function healthOf(notes: readonly HealthNote[], limits: HealthLimits, lookEveryMs: number): Health {
  const { good, faults: _, ...state } = notes.reduce((before, note) => after(before, note, limits), BEGIN);
  const frozen = state.state === 'FROZEN';
  const ready = frozen && !state.held && good >= limits.thawAfter;
  const counts = frozen && !state.held && good > 0 && state.last !== null;
  const eta = counts ? instantOf(Date.parse(state.last ?? '') + Math.max(0, limits.thawAfter - good) * lookEveryMs) : null;
  return { ...state, ready, eta };
}

function after(state: State, note: HealthNote, limits: HealthLimits): State {
  const last = state.last === null ? note.at : laterOf(note.at, state.last);
  switch (note.kind) {
    case 'sealed':
      if (state.state === 'DEGRADED') return { ...BEGIN, since: note.at, last, intents: state.intents };
      return { ...state, last, good: state.good + 1 };
    case 'fault': {
      const oldest = instantOf(Date.parse(note.at) - limits.windowMinutes * MS_PER_MINUTE);
      const faults = [...state.faults.filter((one) => one > oldest), note.at];
      const more = { last, good: 0, faults };
      if (state.state === 'FROZEN') return { ...state, ...more };
      if (faults.length >= limits.frozenAfter)
        return { ...state, ...more, state: 'FROZEN', since: note.at, reason: note.reason };
      const since = state.state === 'DEGRADED' ? state.since : note.at;
      return { ...state, ...more, state: 'DEGRADED', since, reason: note.reason };
    }
    case 'freeze': {
      const already = state.state === 'FROZEN';
      const since = already ? state.since : note.at;
      return { ...state, last, state: 'FROZEN', since, reason: note.reason, held: true, good: 0 };
    }
    case 'release':
      return { ...state, last, held: false, good: 0 };
    case 'intent':
      return { ...state, last, intents: [...state.intents.filter(({ intent }) => intent !== note.intent), note] };
    case 'settled':
      return { ...state, last, intents: state.intents.filter(({ intent }) => !note.intents.includes(intent)) };
    case 'thawed':
      // The operator may have taken hold of it while it thawed: that stays.
      return state.held ? { ...state, last } : { ...BEGIN, since: note.at, last, intents: state.intents };
  }
}
