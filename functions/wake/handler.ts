// Messages of the wake queue: each names a request that somebody should look at now.
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import { sfnClient } from '../adapters/aws/clients.ts';
import { dynamoDbTokens } from '../adapters/aws/dynamodb-private.ts';
import { stepFunctions } from '../adapters/aws/step-functions.ts';
import { systemClock } from '../adapters/local/clock.ts';
import { toldBy } from '../aws/env.ts';
import { told } from '../aws/stage.ts';
import { hiddenTable } from '../aws/world.ts';
import { RequestId } from '../domain/request.ts';
import { wake } from './wake.ts';

const Message = z.strictObject({ request: RequestId });

const env = toldBy(process.env);
const tokens = dynamoDbTokens(hiddenTable(env.told), systemClock());
const machine = stepFunctions(sfnClient(), env.told('COUNTERSIGN_MACHINE'));

/** One message that cannot be read or done goes back alone, and after some tries to the dead letters. */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of Records) {
    const [done] = await Promise.allSettled([
      told('wake', { message: messageId }, async () => wake(tokens, machine, Message.parse(JSON.parse(body)).request)),
    ]);
    if (done?.status === 'rejected') batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
};
