// The task that waits: keeps the token of this wait and ends; people answer through the API, for as long as the policy gives them.
import { z } from 'zod';
import { dynamoDbTokens } from '../adapters/aws/dynamodb-private.ts';
import { systemClock } from '../adapters/local/clock.ts';
import { toldBy } from '../aws/env.ts';
import { told } from '../aws/stage.ts';
import { hiddenTable, openWakeQueue } from '../aws/world.ts';
import { RequestId } from '../domain/request.ts';
import { hold } from '../wake/wake.ts';

const Input = z.object({ request: RequestId, token: z.string().min(1) });

const env = toldBy(process.env);
const tokens = dynamoDbTokens(hiddenTable(env.told), systemClock());
const queue = openWakeQueue(env.told);

export const handler = async (event: unknown): Promise<void> => {
  const { request, token } = Input.parse(event);
  await told('approve', { request }, async () => {
    // Through the queue: this function may not wake, since it is the one that is handed tokens.
    if ((await hold(tokens, request, token)) === 'wakeNow') queue.wake(request);
    await queue.idle();
  });
};
