import { canonicalDigest } from '../domain/canonical.ts';
import { committeesOf, dutiesOf } from '../domain/layers.ts';
import { groupsFor } from '../domain/line.ts';
import { parseValue } from '../domain/parse.ts';
import type { Decision, Routing } from '../domain/routing.ts';
import { decisionOf } from './decision.ts';
import { RoutingInput } from './input.ts';
import { type RouteFacts, routingInputOf } from './input-of.ts';
import { expiresAfterDays } from './layers.ts';
import { lineOf, type Pack } from './pack.ts';

/**
 * Diff → Routing, total: whatever goes wrong on the way ends with the committee of the line and a POL-* finding, never in an
 * exception and never on the automated path.
 */
export function route(pack: Pack, facts: RouteFacts): Routing {
  const input = inputOf(facts);
  const decision = input ? decide(pack, input) : undefined;
  return seal(pack, input ?? unreadable(facts), decision ?? toCommittee(pack, facts.line, 'POL-000'));
}

/**
 * The decision alone: what-if asks thousands of times and seals nothing. A pack from before decision 0014 is shown what packs
 * were shown then, so that it answers as it did. What is sealed goes another way, where such a pack cannot clear everything.
 */
export function decideInput(pack: Pack, input: unknown): Decision {
  const checked = parseValue(RoutingInput, input);
  return checked.ok ? decide(pack, legible(pack, checked.value)) : toCommittee(pack, '', 'POL-000');
}

function legible(pack: Pack, input: RoutingInput): RoutingInput {
  if ([...pack.rules.values()].some(({ dimension }) => dimension === 'artefact')) return input;
  const { artefact: _, ...known } = input;
  return known;
}

/** For a pack that no sealed event put into force: it is not even asked. */
export const routeUnactivated = (pack: Pack, facts: RouteFacts): Routing =>
  seal(pack, inputOf(facts) ?? unreadable(facts), toCommittee(pack, facts.line, 'POL-003'));

/** The same for an input that was sealed before: what replay calls. */
export function routeInput(pack: Pack, input: unknown): Routing {
  const checked = parseValue(RoutingInput, input);
  if (checked.ok) return seal(pack, checked.value, decide(pack, checked.value));
  return seal(pack, { schema: 'routing-input/unreadable' }, toCommittee(pack, '', 'POL-000'));
}

function decide(pack: Pack, input: RoutingInput): Decision {
  let answer: unknown;
  try {
    answer = pack.engine.evaluate(input);
  } catch {
    // Twice on two instances. Whoever made it throw, the answer is the committee's; POL-000 raises the alarm.
    return toCommittee(pack, input.line, 'POL-000');
  }
  return decisionOf(answer, input) ?? toCommittee(pack, input.line, 'POL-004');
}

function inputOf(facts: RouteFacts): RoutingInput | undefined {
  try {
    const checked = parseValue(RoutingInput, routingInputOf(facts));
    return checked.ok ? checked.value : undefined;
  } catch {
    return undefined; // a diff that does not have its own type is a bug elsewhere; the promotion still gets an answer
  }
}

/** What is sealed as the input when the diff could not be turned into one: enough to say which promotion it was. */
const unreadable = ({ line, environment, evaluatedAtDay }: RouteFacts) => ({
  schema: 'routing-input/unreadable',
  line: String(line).toWellFormed(),
  environment: String(environment).toWellFormed(),
  evaluatedAtDay: Number.isSafeInteger(evaluatedAtDay) ? evaluatedAtDay : null,
});

function toCommittee(pack: Pack, lineName: string, code: 'POL-000' | 'POL-003' | 'POL-004'): Decision {
  const committees = committeesOf(pack.layered, lineName);
  const duties = dutiesOf(pack.layered, lineName, 'committee');
  const { stepUpMinutes, sla } = duties;
  const registered = lineOf(pack, lineName)?.committees.some(({ path }) => path === 'committee') ?? false;
  return {
    schema: 'decision/v0',
    path: 'committee',
    findings: [{ code, dimension: 'engine', pointer: '', observed: null, limit: null, unit: 'none', minPath: 'committee' }],
    cleared: [],
    notJudged: [],
    holds: registered ? [] : [{ code: 'LIN-003', artefact: 'committee', pointer: '/line' }],
    groups: groupsFor(committees, 'committee'),
    separation: { excludeRequester: true, distinctPersons: true, excludeReleaser: true },
    obligations: ['OBL-001', ...(stepUpMinutes ? ['OBL-004'] : []), ...(sla ? ['OBL-005'] : [])].map((owed) => ({
      code: owed,
    })),
    expiresAfterDays: expiresAfterDays(pack.layered, lineName, 'committee') ?? pack.expiresAfterDays,
    ...duties,
  };
}

const seal = (pack: Pack, input: unknown, decision: Decision): Routing => ({
  ...decision,
  schema: 'routing/v0',
  input,
  inputDigest: canonicalDigest(input),
  pack: pack.digest,
  wasm: pack.wasm,
  data: pack.data,
  rulebook: pack.rulebook,
});
