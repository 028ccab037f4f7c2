import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { InfrastructureError } from '../../domain/errors.ts';
import { asking } from './fault.ts';

/** `frozen`: whatever is frozen and not sealed yet. `begin`: start, first keys and first policy, once. */
export type Sealing = { readonly kind: 'frozen' | 'begin' };

/** Asks the one function that may sign, and waits for its answer. */
export type Sealer = { readonly seal: (what: Sealing) => Promise<unknown> };

/** `sealer`: ARN of an alias or a version. */
export const lambdaSealer = (client: LambdaClient, sealer: string): Sealer => ({
  seal: async (what) => {
    const invoked = {
      FunctionName: sealer,
      InvocationType: 'RequestResponse' as const,
      Payload: new TextEncoder().encode(JSON.stringify(what)),
    };
    return answerIn(await asking('ask the sealer', () => client.send(new InvokeCommand(invoked))));
  },
});

function answerIn({ FunctionError, Payload }: InvokeCommandOutput): unknown {
  const answer = jsonIn(new TextDecoder().decode(Payload));
  if (FunctionError === undefined) return answer;
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
