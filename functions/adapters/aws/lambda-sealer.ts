import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Sealer } from '../../ports.ts';
import { asking } from './fault.ts';

/** Asks the one function that may sign, and waits for its answer. `sealer`: ARN of an alias or a version. */
export const lambdaSealer = (client: LambdaClient, sealer: string): Sealer => ({
  seal: async (request) => {
    const asked = { kind: 'frozen', ...(request === undefined ? {} : { request }) };
    const invoked = {
      FunctionName: sealer,
      InvocationType: 'RequestResponse' as const,
      Payload: new TextEncoder().encode(JSON.stringify(asked)),
    };
    mustBeDone(await asking('ask the sealer', () => client.send(new InvokeCommand(invoked))));
  },
});

function mustBeDone({ FunctionError, Payload }: InvokeCommandOutput): void {
  if (FunctionError === undefined) return;
  const answer = jsonIn(new TextDecoder().decode(Payload));
  // Sealing again comes to the same hash, so trying again is always right. A time-out has a message and no type.
  const { errorType = FunctionError, errorMessage = '' } = (answer ?? {}) as { errorType?: string; errorMessage?: string };
  throw new InfrastructureError(`the sealer failed: ${errorType}: ${errorMessage}`, { retryable: true });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Only a runtime that died answers no JSON; the error above says so.
    return undefined;
  }
}
