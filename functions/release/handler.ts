// Last task of the state machine: after the seal, and only then, others are told. Nobody may deploy because of what they hear here;
// they ask the gate.
import { eventBridgeClient } from '../adapters/aws/clients.ts';
import { eventBus } from '../adapters/aws/event-bus.ts';
import { toldBy } from '../aws/env.ts';
import { keptSecret, registryWorld } from '../aws/registries.ts';
import { kept, logLine, told } from '../aws/stage.ts';
import { openedFor, resultOf, TaskInput, type TaskResult } from '../aws/task.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { DecisionRow } from '../domain/rows.ts';
import { releaseSealed } from '../registries/release.ts';
import { readDossier } from '../store.ts';

const env = toldBy(process.env);
const open = openedFor({});
const secret = keptSecret(env.told);
const bus = kept(async () => eventBus(eventBridgeClient(), env.told('COUNTERSIGN_BUS')));

export const handler = async (event: unknown): Promise<TaskResult> => {
  const { request } = TaskInput.parse(event);
  return told('release', { request }, async () => {
    const world = await open();
    const dossier = await readDossier(world.index, request);
    if (dossier?.seal === undefined || dossier.decision === undefined)
      throw new InfrastructureError(`${request} is not sealed: nobody is told of it`, { retryable: true });
    const { line, environment } = dossier.request;
    const { outcome } = DecisionRow.parse(dossier.decision);
    const { eventHash } = dossier.seal;
    await (await bus()).tell({ eventHash, outcome, line, environment, requestId: request });
    const registries = registryWorld(world, await secret());
    // A registry that does not answer is told again by the sweep; the promotion itself is done.
    for (const fault of registries ? await releaseSealed(registries) : [])
      logLine({ level: 'warning', event: 'release', request, error: fault });
    return resultOf(world, request);
  });
};
