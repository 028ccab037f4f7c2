// One task of the state machine: an id comes in, the state the request is in now goes out. All that matters is in the rows.
import { z } from 'zod';
import { factsOf } from '../domain/dossier.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { type State, type Step, stateOf } from '../domain/flow.ts';
import { RequestId } from '../domain/request.ts';
import { drive } from '../drive.ts';
import { isFrozen } from '../health.ts';
import { readDossier } from '../store.ts';
import { waitSecondsOf } from '../waits.ts';
import { toldBy } from './env.ts';
import { listsOfKeys } from './keys.ts';
import { kept, told } from './stage.ts';
import { type Asks, type AwsWorld, openWorld } from './world.ts';

export const TaskInput = z.object({ request: RequestId });

/**
 * `code`: what the machine chooses by; a state of domain/flow.ts, or that nothing is decided now. `waitSeconds`: how long it may
 * wait when nobody wakes it.
 */
export type TaskResult = { readonly code: State | 'frozen'; readonly request: RequestId; readonly waitSeconds: number };

/** As long as a few canaries take; who thaws wakes nobody. */
const FROZEN_SECONDS = 300;

/**
 * One world per container, and another one after a change of keys: who signs must not go on with a key that went, and who reads
 * would take what the new one seals for somebody else's. One query for each call.
 */
export function openedFor(asks: Asks): () => Promise<AwsWorld> {
  const open = kept(() => openWorld(toldBy(process.env), asks));
  return async () => {
    const world = await open();
    if ((await listsOfKeys(world.index)) === world.lists) return world;
    open.forget();
    return open();
  };
}

/** Takes the steps it is given and answers where the request stands. */
export const driving =
  (name: string, may: ReadonlySet<Step>, open: () => Promise<AwsWorld>) =>
  async (event: unknown): Promise<TaskResult> => {
    const { request } = TaskInput.parse(event);
    return told(name, { request }, async () => {
      const world = await open();
      const code = await drive(world, request, may);
      await world.workflow.idle();
      return resultOf(world, request, code);
    });
  };

export async function resultOf(world: AwsWorld, request: RequestId, code?: State): Promise<TaskResult> {
  const dossier = await readDossier(world.index, request);
  if (dossier === undefined) throw new InfrastructureError(`the index has lost ${request}`, { retryable: true });
  const state = code ?? stateOf(factsOf(dossier));
  if (state !== 'sealed' && (await isFrozen(world))) return { code: 'frozen', request, waitSeconds: FROZEN_SECONDS };
  return { code: state, request, waitSeconds: await waitSecondsOf(world, dossier, state) };
}
