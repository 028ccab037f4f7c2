// What Step Functions and SQS tell of a promotion: for tests that ask whether the machine went the way that was drawn.

import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Deployment } from './deploy.ts';

export type Execution = {
  readonly status: string;
  /** States in the order they were entered. */
  readonly states: readonly string[];
  /** Names of what was caught. */
  readonly errors: readonly string[];
};

export async function executionOf({ account, output }: Deployment, name: string): Promise<Execution> {
  const sfn = new SFNClient(account);
  const executionArn = `${output('MachineArn').replace(':stateMachine:', ':execution:')}:${name}`;
  const { status = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return {
    status,
    states: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
    errors: events.flatMap(({ taskFailedEventDetails }) => taskFailedEventDetails?.error ?? []),
  };
}

/** Until it is over, since the last state comes after the seal. */
export async function ended(deployment: Deployment, name: string): Promise<Execution> {
  return until(`${name} ends`, async () => {
    const execution = await executionOf(deployment, name);
    return execution.status === 'RUNNING' ? undefined : execution;
  });
}

/** Asks until there is an answer, for a minute and a half. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 90): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(200);
  }
}

/** The one queue whose name has this in it. */
export async function queueOf({ account }: Deployment, part: RegExp) {
  const sqs = new SQSClient(account);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const found = QueueUrls.filter((url) => part.test(url));
  const [QueueUrl] = found;
  if (QueueUrl === undefined || found.length > 1)
    throw new Error(`${found.length} queues are like ${part}: ${QueueUrls.join(' ')}`);
  return {
    send: (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody })),
    /** Tries again after a second, and not after the minutes that a real outage needs. */
    hurry: () => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '1' } })),
    count: async () => {
      const names = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const];
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names }));
      return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
    },
  };
}
