// What goes from one function to another on AWS: wakes, the asking for a log entry, the sealer, and the event on the bus.
import { randomUUID } from 'node:crypto';
import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand } from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventBridgeClient, lambdaClient, sfnClient, sqsClient } from '../../functions/adapters/aws/clients.ts';
import { eventBus } from '../../functions/adapters/aws/event-bus.ts';
import { lambdaSealer } from '../../functions/adapters/aws/lambda-sealer.ts';
import { sqsLogQueue } from '../../functions/adapters/aws/sqs-log-queue.ts';
import { SqsWorkflow } from '../../functions/adapters/aws/sqs-workflow.ts';
import { stepFunctions } from '../../functions/adapters/aws/step-functions.ts';
import { digestOf, type EventHash } from '../../functions/domain/digest.ts';
import { crc32, directoryOf, localHeader } from '../../functions/domain/pack/zip.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import type { Started } from '../support/aws/engine.ts';
import { inTurn, withFates } from '../support/aws/fates.ts';
import { startMinistack } from '../support/aws/ministack.ts';
import { placeAt } from '../support/aws/stores.ts';

let ministack: Started;
beforeAll(async () => {
  ministack = await startMinistack();
}, 400_000);
afterAll(() => ministack.stop());

const UNAVAILABLE = { name: 'InfrastructureError', retryable: true };
const SET_RIGHT_FIRST = { name: 'InfrastructureError', retryable: false };
const place = () => placeAt(ministack.url);
const id = (n: number) => `req-${String.fromCharCode(97 + n).repeat(26)}` as RequestId;

async function queueOf(QueueName: string, Attributes: Record<string, string> = {}) {
  const client = sqsClient(place());
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
  const AttributeNames = ['QueueArn' as const];
  const told = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  /** Everything that lies there, taken out. */
  const taken = async () => {
    const found: { body: unknown; group: string | undefined }[] = [];
    for (;;) {
      const asked = { QueueUrl, MaxNumberOfMessages: 10, AttributeNames: ['All' as const] };
      const { Messages = [] } = await client.send(new ReceiveMessageCommand(asked));
      if (Messages.length === 0) return found;
      for (const { Body = '', ReceiptHandle, Attributes } of Messages) {
        found.push({ body: JSON.parse(Body), group: Attributes?.MessageGroupId });
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };
  return { url: QueueUrl, arn: told.Attributes?.QueueArn ?? '', taken };
}

describe('wakes', () => {
  it('25 requests, each woken twice: 25 messages, each with nothing but the id', async () => {
    const queue = await queueOf('wake-many');
    const workflow = new SqsWorkflow(sqsClient(place()), queue.url, (_, error) => {
      throw error;
    });
    const ids = Array.from({ length: 25 }, (_, n) => id(n));
    for (const one of [...ids, ...ids]) workflow.wake(one);
    await workflow.idle();
    const bodies = (await queue.taken()).map(({ body }) => body);
    expect(bodies).toHaveLength(25);
    expect(new Set(bodies.map((body) => JSON.stringify(body)))).toEqual(
      new Set(ids.map((request) => JSON.stringify({ request }))),
    );
  });

  it('a wake that cannot be sent is told and lost, and the next one goes on', async () => {
    const queue = await queueOf('wake-lost');
    const lost: [RequestId, unknown][] = [];
    const client = withFates(sqsClient(place()), inTurn('SendMessageBatch', ['refused']));
    const workflow = new SqsWorkflow(client, queue.url, (...told) => void lost.push(told));
    workflow.wake(id(1));
    await workflow.idle();
    expect(lost).toMatchObject([[id(1), SET_RIGHT_FIRST]]);
    workflow.wake(id(2));
    await workflow.idle();
    expect((await queue.taken()).map(({ body }) => body)).toEqual([{ request: id(2) }]);
  });
});

it('asks for the log as often as it is told, in one group, with nothing to append in the message', async () => {
  const queue = await queueOf('log.fifo', { FifoQueue: 'true' });
  const log = sqsLogQueue(sqsClient(place()), queue.url, () => randomUUID());
  await log.append();
  await log.append();
  expect(await queue.taken()).toEqual(Array.from({ length: 2 }, () => ({ body: { kind: 'append' }, group: 'log' })));
});

it('R16 puts one event on the bus: what was sealed, of what, and how it ended', async () => {
  const client = eventBridgeClient(place());
  const queue = await queueOf('released');
  await client.send(new CreateEventBusCommand({ Name: 'promotions' }));
  const EventPattern = JSON.stringify({ source: ['countersign'] });
  await client.send(new PutRuleCommand({ Name: 'all', EventBusName: 'promotions', EventPattern }));
  const Targets = [{ Id: 'queue', Arn: queue.arn }];
  await client.send(new PutTargetsCommand({ Rule: 'all', EventBusName: 'promotions', Targets }));
  const released = {
    eventHash: digestOf('event') as string as EventHash,
    outcome: 'approved',
    line: 'retail-credit-pd',
    environment: 'sandbox',
    requestId: id(1),
  } as const;
  await eventBus(client, 'promotions').tell(released);
  const [arrived] = await queue.taken();
  expect(arrived?.body).toMatchObject({ source: 'countersign', 'detail-type': 'Promotion sealed', detail: released });

  const entry = { ErrorCode: 'InternalFailure', ErrorMessage: 'of this test' };
  const answering = () => async () => ({ output: { FailedEntryCount: 1, Entries: [entry] } });
  client.middlewareStack.add(answering as never, { step: 'initialize' });
  await expect(eventBus(client, 'promotions').tell(released)).rejects.toMatchObject(UNAVAILABLE);
});

describe('executions of the state machine', () => {
  it('start once by name, wait, are woken once by their token, and end', async () => {
    const client = sfnClient(place());
    const queue = await queueOf('waiting');
    const Wait = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl: queue.url, MessageBody: { token: '{% $states.context.Task.Token %}' } },
      TimeoutSeconds: 60,
      End: true,
    };
    const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Wait', States: { Wait } });
    const roleArn = 'arn:aws:iam::000000000000:role/machine';
    const { stateMachineArn = '' } = await client.send(new CreateStateMachineCommand({ name: 'waits', definition, roleArn }));
    const machine = stepFunctions(client, stateMachineArn);
    expect(await machine.status('one')).toBeUndefined();
    await machine.start('one', id(1));
    await machine.start('one', id(1));
    const tokens: string[] = [];
    await vi.waitFor(async () => {
      tokens.push(...(await queue.taken()).map(({ body }) => (body as { token: string }).token));
      expect(tokens).toHaveLength(1);
    }, 5_000);
    expect(await machine.status('one')).toBe('running');
    const [token = ''] = tokens;
    expect(await machine.succeed(token, id(1))).toBe('woken');
    await vi.waitFor(async () => expect(await machine.status('one')).toBe('done'), 5_000);
    // A double submit is no fault and no time-out; nor is a token that never was.
    expect(await machine.succeed(token, id(1))).toBe('gone');
    expect(await machine.succeed('no token of anybody', id(1))).toBe('gone');
  });
});

describe('the sealer', () => {
  /** Throws what it was asked, for one request. */
  const CODE = `export const handler = async (event) => {
    if (event.request !== 'req-broken') return { code: JSON.stringify(event) };
    const error = new Error(JSON.stringify(event));
    error.name = 'InfrastructureError';
    throw error;
  };`;

  function zipped(name: string, text: string): Uint8Array {
    const bytes = new TextEncoder().encode(text);
    const member = { name, size: bytes.byteLength, crc: crc32(bytes) };
    return Buffer.concat([localHeader(member), bytes, directoryOf([member]) ?? new Uint8Array()]);
  }

  it('answers when it has sealed; what it throws is a fault that may be tried again', async () => {
    const client = lambdaClient(20_000, place());
    await client.send(
      new CreateFunctionCommand({
        FunctionName: 'seal',
        Runtime: 'nodejs24.x',
        Role: 'arn:aws:iam::000000000000:role/seal',
        Handler: 'index.handler',
        Code: { ZipFile: zipped('index.mjs', CODE) },
      }),
    );
    const sealer = lambdaSealer(client, 'seal');
    await expect(sealer.seal()).resolves.toBeUndefined();
    await expect(sealer.seal(id(1))).resolves.toBeUndefined();
    const broken = sealer.seal('req-broken' as RequestId);
    await expect(broken).rejects.toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining('{"kind":"frozen"') });
    await expect(lambdaSealer(client, 'nowhere').seal()).rejects.toMatchObject(SET_RIGHT_FIRST);
  });
});
