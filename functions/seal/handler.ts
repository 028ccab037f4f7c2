// The one function that may sign. It is told which request to look at, or only that something may be waiting; never what to sign:
// every statement follows from frozen rows.
import { z } from 'zod';
import { readPackFiles } from '../aws/pack.ts';
import { told } from '../aws/stage.ts';
import { openedFor, resultOf, type TaskResult } from '../aws/task.ts';
import type { AwsWorld } from '../aws/world.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { RequestId } from '../domain/request.ts';
import type { Problem } from '../domain/result.ts';
import type { Trust } from '../domain/trust.ts';
import { drive, sealAsked, sealWaiting } from '../drive.ts';
import { firstKeys } from '../keys/changes.ts';
import { finishKeys } from '../keys/keys.ts';
import { ownTrust } from '../keys/own.ts';
import { loadPack } from '../route/pack.ts';
import { begin } from './beginning.ts';

const Input = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('request'), request: RequestId }),
  z.object({ kind: z.literal('frozen'), request: RequestId.optional() }),
  z.object({ kind: z.literal('begin') }),
]);

const open = openedFor({ sequencer: true });

export const handler = async (event: unknown): Promise<unknown> => {
  const input = Input.parse(event);
  return told('seal', { kind: input.kind }, async () => {
    const world = await open();
    const answer = await done(world, input);
    await world.workflow.idle();
    return answer;
  });
};

async function done(world: AwsWorld, input: z.infer<typeof Input>): Promise<unknown> {
  switch (input.kind) {
    case 'request':
      return sealed(world, input.request);
    case 'frozen':
      return sealAsked(world, input.request);
    case 'begin':
      return beginning(world);
  }
}

/** An execution that ended means a sealed request, so anything else is a fault: the machine pauses and looks again. */
async function sealed(world: AwsWorld, request: RequestId): Promise<TaskResult> {
  const result = await resultOf(world, request, await drive(world, request, new Set(['seal'])));
  if (result.code === 'sealed') return result;
  throw new InfrastructureError(`${request} is ${result.code}, and not sealed`, { retryable: true });
}

type Begun = { readonly begun: 'now' | 'before'; readonly trust: Readonly<Record<string, Trust>> };

/**
 * Once for each deployment (R20); asked again it answers the same trust files. An operator keeps these: they go to whoever
 * verifies, and are believed because of how they were fetched.
 */
async function beginning(world: AwsWorld): Promise<Begun | { readonly problems: readonly Problem[] }> {
  const { organisation, retentionOwner, issuer } = world.settings;
  const files = await readPackFiles();
  const pack = loadPack(new Map([...files].map(([name, { bytes }]) => [name, bytes])));
  const begun = await begin(world, { organisation, retentionOwner }, { digest: pack.digest, files });
  if (!begun.ok && begun.problems.some(({ code }) => code !== 'ALREADY_STARTED')) return { problems: begun.problems };
  await firstKeys(world, world.tlog);
  await finishKeys(world, [world.signer]);
  await sealWaiting(world);
  const environments = new Map([...pack.lines.values()].flatMap((line) => line.environments).map((one) => [one.name, one]));
  const trust: Record<string, Trust> = {};
  for (const one of environments.values()) trust[one.name] = await ownTrust(world, issuer.url, one);
  return { begun: begun.ok ? 'now' : 'before', trust };
}
