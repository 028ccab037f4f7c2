// The one function that may sign. It is told which request to look at, or only that something may be waiting; never what to sign:
// every statement follows from frozen rows.
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import type { Desk } from '../activation.ts';
import { releasesOf } from '../aws/gates.ts';
import { MAY } from '../aws/may.ts';
import { beginning, finishOwn, retired, rotated } from '../aws/operator.ts';
import { logLine, told } from '../aws/stage.ts';
import { openedFor, resultOf, type TaskResult } from '../aws/task.ts';
import type { AwsWorld } from '../aws/world.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { RequestId } from '../domain/request.ts';
import { prose } from '../domain/text.ts';
import { drive, sealAsked } from '../drive.ts';
import { pendingKeys } from '../keys/keys.ts';

const Input = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('request'), request: RequestId }),
  z.object({ kind: z.literal('frozen'), request: RequestId.optional() }),
  // From here on an operator's.
  z.object({ kind: z.literal('begin') }),
  z.object({ kind: z.literal('rotate'), use: z.enum(['seal', 'checkpoint']), reason: prose(20, 5000) }),
  z.object({ kind: z.literal('retire'), reason: prose(20, 5000) }),
]);

const open = openedFor({ sequencer: true });

/**
 * Other functions may invoke the alias, and the machine versions; rights of IAM tell those apart and know nothing of payloads. So what
 * changes keys or begins a deployment is taken only where none of them may knock: at the function without any qualifier.
 */
const FOR_ALL: ReadonlySet<z.infer<typeof Input>['kind']> = new Set(['request', 'frozen']);
const UNQUALIFIED = '$LATEST';

export const handler = async (event: unknown, { functionVersion }: Pick<Context, 'functionVersion'>): Promise<unknown> => {
  const input = Input.parse(event);
  if (!FOR_ALL.has(input.kind) && functionVersion !== UNQUALIFIED)
    throw new Error(`${input.kind} is an operator's: invoke the function itself, without alias and version`);
  return told('seal', { kind: input.kind }, async () => {
    const world = await opened();
    const answer = await done(world, input);
    await world.workflow.idle();
    return answer;
  });
};

/** A change of keys that broke off after it was frozen is finished before anything else is signed. */
async function opened(): Promise<AwsWorld> {
  const world = await open();
  if ((await pendingKeys(world)) === undefined) return world;
  const strange = await finishOwn(world);
  if (strange === undefined) return open();
  logLine({ level: 'error', event: 'strangeKeys', error: strange });
  return world;
}

/** What a policy must be signed by is asked where it is sealed, too. */
const deskOf = async (world: AwsWorld): Promise<AwsWorld & Desk> => ({ ...world, releases: await releasesOf(world) });

async function done(world: AwsWorld, input: z.infer<typeof Input>): Promise<unknown> {
  switch (input.kind) {
    case 'request':
      return sealed(world, input.request);
    case 'frozen':
      return sealAsked(await deskOf(world), input.request);
    case 'begin':
      return beginning(world);
    case 'rotate':
      return rotated(world, input.use, input.reason);
    case 'retire':
      return retired(world, input.reason);
  }
}

/** An execution that ended means a sealed request, so anything else is a fault: the machine pauses and looks again. */
async function sealed(world: AwsWorld, request: RequestId): Promise<TaskResult> {
  const result = await resultOf(world, request, await drive(world, request, MAY.seal));
  if (result.code === 'sealed') return result;
  throw new InfrastructureError(`${request} is ${result.code}, and not sealed`, { retryable: true });
}
