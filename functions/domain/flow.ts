import { invariant } from './result.ts';

/**
 * The one table of transitions (design §5): state × fact → state. A request's state is the fold of its facts through it, so
 * the rows are the state and a crash leaves nothing else to put right. The embedded workflow runs it, the sweeper runs it,
 * and the state machine's graph is held against it.
 */
const TRANSITIONS = {
  received: { compared: 'compared', decided: 'decided' },
  // Where somebody on call acknowledges what policy approves, no rationale is owed: the screen is next, then people.
  compared: { routedToPolicy: 'automated', routedToPeople: 'needsRationale', routedToOnCall: 'explained' },
  automated: { screenStored: 'settling', decided: 'decided' },
  needsRationale: { rationaleGiven: 'explained', decided: 'decided' },
  explained: { screenStored: 'voting', decided: 'decided' },
  settling: { decided: 'decided' },
  voting: { decided: 'decided' },
  decided: { sealed: 'sealed' },
  sealed: {},
} as const satisfies Record<string, Partial<Record<Fact, string>>>;

export type State = keyof typeof TRANSITIONS;

/** What can become true of a request, each once. `decided` ends it, whatever the outcome. */
export type Fact =
  | 'compared'
  | 'routedToPolicy'
  | 'routedToPeople'
  | 'routedToOnCall'
  | 'rationaleGiven'
  | 'screenStored'
  | 'decided'
  | 'sealed';

/** What is done in a state. `await…` waits for people or the clock; `settle` lets policy approve, or parks behind people. */
const STEPS = {
  received: 'compare',
  compared: 'route',
  automated: 'render',
  needsRationale: 'awaitRationale',
  explained: 'render',
  settling: 'settle',
  voting: 'awaitVotes',
  decided: 'seal',
  sealed: 'done',
} as const satisfies Record<State, string>;

export type Step = (typeof STEPS)[State];

export const STATES = Object.keys(TRANSITIONS) as State[];

export const stepOf = (state: State): Step => STEPS[state];

/** Undefined when the fact is not possible in that state. */
export const nextState = (state: State, fact: Fact): State | undefined =>
  (TRANSITIONS[state] as Partial<Record<Fact, State>>)[fact];

/** Facts in the order they were written. An impossible order is a bug or a tampered index, never something to guess about. */
export function stateOf(facts: readonly Fact[]): State {
  let state: State = 'received';
  for (const fact of facts) {
    const next = nextState(state, fact);
    invariant(next !== undefined, `the fact ${fact} cannot follow the state ${state}`);
    state = next;
  }
  return state;
}

/** States in which people are being asked: they hold back automated requests for the same head (parking). */
export const waitsForPeople = (state: State): boolean =>
  state === 'needsRationale' || state === 'explained' || state === 'voting';
