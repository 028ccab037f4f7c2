import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Sequencer } from '../../ports.ts';
import { asking } from './fault.ts';

/** One group, so that one writer of the log runs at a time (evidence in the index decides all the same). */
const GROUP = 'log';

/** Asks whoever writes the log; the message carries nothing. `queue`: URL of a FIFO queue. `unique`: for the dedupe of SQS, which would else swallow the second asking within five minutes. */
export const sqsLogQueue = (client: SQSClient, queue: string, unique: () => string): Sequencer => ({
  append: async () => {
    const message = {
      QueueUrl: queue,
      MessageBody: JSON.stringify({ kind: 'append' }),
      MessageGroupId: GROUP,
      MessageDeduplicationId: unique(),
    };
    await asking('ask for the log', () => client.send(new SendMessageCommand(message)));
  },
});
