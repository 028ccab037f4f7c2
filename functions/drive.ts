// Runs domain/flow.ts over the stages. Called by the embedded workflow, by the sweep at every start and tick, and by tests:
// the normal path and the recovery are the same function, so recovery is exercised all the time.

import { finishActivation } from './activation.ts';
import { sweepActs } from './acts/seal.ts';
import { consequencesOf } from './consequences.ts';
import { type Dossier, factsOf } from './domain/dossier.ts';
import { eachForItself } from './domain/each.ts';
import { type State, type Step, stateOf, stepOf, waitsForPeople } from './domain/flow.ts';
import type { RequestId } from './domain/request.ts';
import { invariant } from './domain/result.ts';
import { OpenRow } from './domain/rows.ts';
import { isFrozen } from './health.ts';
import { appendToLog } from './log/append.ts';
import type { DriveWorld } from './packs.ts';
import { finishRecords } from './seal/record.ts';
import { approveStep } from './steps/approve.ts';
import { compareStep } from './steps/compare.ts';
import { expireUnexplained, refuseReused } from './steps/expire.ts';
import { renderStep } from './steps/render.ts';
import { routeStep } from './steps/route.ts';
import { sealStep } from './steps/seal.ts';
import { tallyStep } from './steps/tally.ts';
import { readDossier } from './store.ts';

/** More turns than a request has states means that a step did nothing and said it did. */
const MAX_TURNS = 32;

/**
 * Takes a request as far as it goes now: to its end, or to whom it waits for. Safe at any time and any number of times. `may`: the
 * steps that this process takes; it leaves the others to who may take them.
 */
export async function drive(world: DriveWorld, id: RequestId, may?: ReadonlySet<Step>): Promise<State> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const dossier = await readDossier(world.index, id);
    invariant(dossier !== undefined, `there is a request ${id}`);
    const state = stateOf(factsOf(dossier));
    // Votes were taken and are kept; what follows from them waits for the thaw (R23).
    if (await isFrozen(world)) return state;
    if (may !== undefined && !may.has(stepOf(state))) return state;
    if (!(await take(world, dossier, state))) return state;
  }
  throw new Error(`broken invariant: ${id} does not come to rest`);
}

/** One step; false when the request waits for people, the clock or another request. */
async function take(world: DriveWorld, dossier: Dossier, state: State): Promise<boolean> {
  switch (stepOf(state)) {
    case 'compare':
      await compareStep(world, dossier);
      return true;
    case 'route':
      await routeStep(world, dossier);
      return true;
    case 'render':
      await renderStep(world, dossier);
      return true;
    case 'settle':
      if (await peopleAreAsked(world, dossier)) return false;
      await approveStep(world, dossier);
      return true;
    case 'awaitRationale':
      return (await refuseReused(world, dossier)) || expireUnexplained(world, dossier);
    case 'awaitVotes':
      return tallyStep(world, dossier, () => peopleAreAsked(world, dossier));
    case 'seal':
      await sealStep(world, dossier);
      await wakeOthers(world, dossier);
      // Last, because nothing depends on it but the gate: what fails here is made good by the sweep.
      await appendToLog(world);
      return true;
    case 'done':
      return false;
  }
}

/**
 * While people judge a request, automated ones for the same head are parked: else a nightly retrain would make every
 * committee's comparison stale (design §5). Two that both wait for somebody on call do not park each other: neither would end.
 */
async function peopleAreAsked(world: DriveWorld, dossier: Dossier): Promise<boolean> {
  return (await requestsInTheWay(world, dossier)).length > 0;
}

export async function requestsInTheWay(world: DriveWorld, dossier: Dossier): Promise<RequestId[]> {
  const found: RequestId[] = [];
  for (const other of await openOn(world, dossier)) {
    const their = await readDossier(world.index, other);
    if (their === undefined || !waitsForPeople(stateOf(factsOf(their)))) continue;
    if (!(dossier.routing?.onCall && their.routing?.onCall)) found.push(other);
  }
  return found;
}

async function wakeOthers(world: DriveWorld, dossier: Dossier): Promise<void> {
  for (const other of await openOn(world, dossier)) world.workflow.wake(other);
}

async function openOn(world: DriveWorld, dossier: Dossier): Promise<RequestId[]> {
  const { id, line, environment } = dossier.request;
  const open = await world.index.list('OPEN');
  return open
    .filter((row) => row.key.sk !== id)
    .filter((row) => {
      const body = OpenRow.parse(row.body);
      return body.line === line && body.environment === environment;
    })
    .map((row) => row.key.sk as RequestId);
}

/** Wakes everything unfinished and finishes what was frozen: at start, and at every tick for what waits for the clock. */
export async function sweep(world: DriveWorld): Promise<number> {
  const open = await world.index.list('OPEN');
  for (const row of open) world.workflow.wake(row.key.sk as RequestId);
  await sealWaiting(world);
  return open.length;
}

/**
 * For who seals and is asked by others (`Sealer`). A request is named by who seals what a freeze kept waiting, in its order
 * (thaw.ts); all else that is decided is driven.
 */
export async function sealAsked(world: DriveWorld, request?: RequestId): Promise<void> {
  const dossier = request === undefined ? undefined : await readDossier(world.index, request);
  if (dossier?.decision !== undefined && dossier.seal === undefined) await sealStep(world, dossier);
  await sealWaiting(world);
}

/** Seals what was frozen and not sealed, records and a policy that two people agreed on, and logs what is sealed. */
export async function sealWaiting(world: DriveWorld): Promise<void> {
  // One thing that cannot be read holds up nothing else: above all not the log, which every gate may be waiting for.
  const chores = [
    async () => ((await isFrozen(world)) ? undefined : finishActivation(world)),
    () => sweepActs(world),
    () => finishRecords(world, consequencesOf),
    () => appendToLog(world),
  ];
  await eachForItself(chores, (chore) => chore());
}
