import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventHash } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Outcome } from '../../domain/rows.ts';
import { asking } from './fault.ts';

/** Says that a request came to its end, and by which sealed event. Who acts on it asks the gate; this is no approval. */
type Released = {
  readonly eventHash: EventHash;
  readonly outcome: Outcome;
  readonly line: string;
  readonly environment: string;
  readonly requestId: RequestId;
};

export type EventBus = { readonly tell: (released: Released) => Promise<void> };

const SOURCE = 'countersign';
const DETAIL_TYPE = 'Promotion sealed';

/** `bus`: its name. EventBridge may deliver an event twice; who listens tells them by `eventHash`. */
export const eventBus = (client: EventBridgeClient, bus: string): EventBus => ({
  tell: async ({ eventHash, outcome, line, environment, requestId }) => {
    const Detail = JSON.stringify({ eventHash, outcome, line, environment, requestId });
    const entry = { EventBusName: bus, Source: SOURCE, DetailType: DETAIL_TYPE, Detail };
    const answer = await asking('put an event', () => client.send(new PutEventsCommand({ Entries: [entry] })));
    // The call is answered with 200 although its only entry was not taken.
    const code = answer.Entries?.[0]?.ErrorCode;
    if ((answer.FailedEntryCount ?? 0) > 0 || code !== undefined)
      throw new InfrastructureError(`cannot put an event: ${code ?? 'not taken'}`, { retryable: true });
  },
});
