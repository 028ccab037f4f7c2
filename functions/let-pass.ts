// While people judge, automated requests for the same head are parked (drive.ts). The owner of record may let one pass: what
// people were judging ends as returned, with a reason that names the owner, and is announced again against the new incumbent.
import { decide } from './approve/decide.ts';
import { tally } from './approve/tally.ts';
import { handleOf } from './domain/actor.ts';
import { type Dossier, factsOf } from './domain/dossier.ts';
import { stateOf } from './domain/flow.ts';
import { ownsLine } from './domain/line.ts';
import type { RequestId } from './domain/request.ts';
import { fail, ok, type Problem, problem, type Result } from './domain/result.ts';
import { requestsInTheWay } from './drive.ts';
import type { DriveWorld } from './packs.ts';
import type { Identified } from './ports.ts';
import { lineOf } from './route/pack.ts';
import { readRouting } from './steps/route.ts';
import { readVotes } from './steps/votes.ts';
import { readDossier } from './store.ts';

/** Answers what was returned; asked again, nothing waits any more and nothing is returned twice. */
export async function letPass(world: DriveWorld, parked: Dossier, owner: Identified): Promise<Result<RequestId[]>> {
  const { id } = parked.request;
  const wrong = await problemsOf(world, parked, owner);
  if (wrong.length > 0) return fail(...wrong);
  const who = owner.principal.actor;
  const detail = `the owner of record ${who.sub} (${handleOf(who)}) let ${id} pass`;
  const returned: RequestId[] = [];
  for (const other of await requestsInTheWay(world, parked)) {
    if (await giveBack(world, other, { code: 'RETURNED_BY_OWNER', pointer: '', detail })) returned.push(other);
    world.workflow.wake(other);
  }
  world.workflow.wake(id);
  return ok(returned);
}

/** It waits for nothing but another request: policy approved it and, where somebody on call is asked, they acknowledged it. */
export async function isParked(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  const state = stateOf(factsOf(dossier));
  if (state !== 'voting' || !dossier.routing?.onCall) return state === 'settling';
  const votes = await readVotes(
    world,
    dossier,
    dossier.votes.map(({ voteKey }) => voteKey),
  );
  const said = votes.map(({ vote }) => vote);
  const counted = tally(await readRouting(world, dossier), said, null, world.clock.now());
  return counted.kind === 'decided' && counted.outcome === 'approved';
}

async function problemsOf(world: DriveWorld, dossier: Dossier, owner: Identified): Promise<Problem[]> {
  const { request } = dossier;
  const { actor, auth } = owner.principal;
  if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'let pass by a person')];
  const line = lineOf(await world.packs.load(request.pack), request.line);
  if (line === null || !ownsLine(line, { actor, auth }))
    return [problem('NOT_YOURS', '', `only the owner of record of ${request.line} lets it pass`)];
  if (await isParked(world, dossier)) return [];
  return [problem('NOT_WAITING', '', `it is ${stateOf(factsOf(dossier))}, not parked`)];
}

/** With every vote there is: one that comes in at this moment belongs into the record, or has ended the request itself. */
async function giveBack(world: DriveWorld, id: RequestId, reason: Problem): Promise<boolean> {
  for (;;) {
    const dossier = await readDossier(world.index, id);
    if (dossier === undefined || dossier.decision !== undefined) return false;
    if (await decide(world, dossier, { outcome: 'returned', reasons: [reason] })) return true;
  }
}
