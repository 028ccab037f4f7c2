// The owner of record stops the automated path of a line, and starts it again: each a sealed record of its own, at once.
import { activeOf } from './activation.ts';
import { consequencesOf } from './consequences.ts';
import { sameActor } from './domain/actor.ts';
import type { EventHash } from './domain/digest.ts';
import { type ModelLine, NOT_REGISTERED } from './domain/line.ts';
import { fail, ok, problem, type Result } from './domain/result.ts';
import { problemsOfLineOwner, type Suspension, type SuspensionTerms, suspensionIdOf } from './domain/standing.ts';
import { policyInForce } from './in-force.ts';
import type { DriveWorld } from './packs.ts';
import type { Identified } from './ports.ts';
import { lineOf } from './route/pack.ts';
import { type SealedRecord, sealRecord, storeSignIn } from './seal/record.ts';
import { standingOf } from './standing.ts';

type Place = { readonly line: string; readonly environment: string };

/** The line as the policy in force has it registered for this environment. */
export async function registeredLine(world: DriveWorld, { line, environment }: Place): Promise<Result<ModelLine>> {
  const active = await activeOf(world.index);
  if (active === undefined) return fail(problem('NOT_INITIALISED', '', 'no policy is active'));
  const found = lineOf(await world.packs.load(active.row.pack), line);
  const registered = found?.environments.some(({ name }) => name === environment);
  return found !== null && registered ? ok(found) : fail(problem('NOT_FOUND', '', NOT_REGISTERED));
}

/** Saying what holds already, in the same words, answers the record that holds; in other words it is told so. */
export async function suspend(
  world: DriveWorld,
  place: Place,
  terms: SuspensionTerms,
  person: Identified,
): Promise<Result<EventHash>> {
  const line = await registeredLine(world, place);
  if (!line.ok) return line;
  // To stop is always safe. To start again is for the owner of today, whom a register that was set back would not name.
  const inForce = terms.state === 'resumed' ? await policyInForce(world) : undefined;
  if (inForce && !inForce.ok) return inForce;
  const { actor, auth } = person.principal;
  const wrong = problemsOfLineOwner({ actor, auth }, line.value.ownerOfRecord);
  if (wrong.length > 0) return fail(...wrong);
  const { suspension: last } = await standingOf(world, place.line, place.environment);
  if (last === null && terms.state === 'resumed') return fail(problem('NOT_WAITING', '/state', 'it is not suspended'));
  if (last !== null && last.record.state === terms.state) return answer({ ...last, predicate: last.record }, terms, person);

  await storeSignIn(world.vault, person);
  const previous = last?.event ?? null;
  const wanted: Suspension = {
    kind: 'suspension',
    ...place,
    ...terms,
    ownerOfRecord: line.value.ownerOfRecord,
    previous,
    actor,
    auth,
    at: world.clock.now(),
  };
  const id = suspensionIdOf(place.line, place.environment, previous);
  return answer(await sealRecord(world, id, wanted, consequencesOf), terms, person);
}

/** Of two at once one stands; who said the same is answered it, anybody else learns that theirs does not stand. */
function answer(
  stands: Pick<SealedRecord, 'event' | 'predicate'>,
  { state, reason }: SuspensionTerms,
  { principal }: Identified,
): Result<EventHash> {
  const { event, predicate } = stands;
  const same =
    predicate.kind === 'suspension' &&
    predicate.state === state &&
    predicate.reason === reason &&
    sameActor(predicate.actor, principal.actor);
  return same ? ok(event) : fail(problem('OTHER_ANSWER_STORED', '', `it is ${state} already, by ${event}`));
}
