// The adapters of AWS, held to the laws that the local ones are held to. Each engine where it is faithful: Object Lock on versitygw,
// conditions on DynamoDB Local, and both again on MiniStack, which the end-to-end tests run on.
import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect } from 'vitest';
import { dynamoDbClient, kmsClient, s3Client, sqsClient } from '../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { dynamoDbErasable, dynamoDbSessions, dynamoDbSpool } from '../../functions/adapters/aws/dynamodb-private.ts';
import { openKmsSigner } from '../../functions/adapters/aws/kms-signer.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { SqsWorkflow } from '../../functions/adapters/aws/sqs-workflow.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { journalled } from '../../functions/journal.ts';
import { ENGINES_COLD_MS, type Engines, startEngines } from '../support/aws/engines.ts';
import { makeBucket, makeTable } from '../support/aws/stores.ts';
import { indexLaws } from './index-laws.ts';
import { erasableLaws, signerLaws, workflowLaws } from './other-laws.ts';
import { BEGIN_SECONDS, sessionLaws, spoolLaws } from './private-laws.ts';
import { vaultLaws } from './vault.ts';

let engines: Engines;
let wakes = '';

beforeAll(async () => {
  engines = await startEngines();
  const queue = await sqsClient(engines.places.ministack).send(new CreateQueueCommand({ QueueName: 'wake' }));
  wakes = queue.QueueUrl ?? '';
}, ENGINES_COLD_MS);
afterAll(() => engines.stop());

const unique = () => randomUUID();
const chance = { random: Math.random, unique };
const nothing = async () => undefined;
let made = 0;
const fresh = (what: string) => `${what}-${++made}`;

const places = {
  'DynamoDB Local': () => engines.places.dynamodb,
  MiniStack: () => engines.places.ministack,
  versitygw: () => engines.places.versitygw,
};

for (const engine of ['versitygw', 'MiniStack'] as const)
  vaultLaws(`S3 on ${engine}`, async () => {
    const bucket = await makeBucket(s3Client(places[engine](), true), fresh('evidence'));
    const again = async () => new S3Vault(s3Client(places[engine](), true), { ...chance, bucket });
    return { vault: await again(), again, close: nothing };
  });

for (const engine of ['DynamoDB Local', 'MiniStack'] as const) {
  const opening = async () => {
    const table = await makeTable(dynamoDbClient(places[engine]()), fresh('index'));
    return () => new DynamoDbIndex(dynamoDbClient(places[engine]()), { ...chance, table });
  };
  indexLaws(`DynamoDB on ${engine}`, async () => {
    const open = await opening();
    return { index: open(), again: async () => open(), close: nothing };
  });
  indexLaws(`DynamoDB on ${engine} behind its journal in S3`, async () => {
    const open = await opening();
    const bucket = await makeBucket(s3Client(places.versitygw(), true), fresh('evidence'));
    const again = async () => journalled(new S3Vault(s3Client(places.versitygw(), true), { ...chance, bucket }), open());
    return { index: await again(), again, close: nothing };
  });

  erasableLaws(`DynamoDB on ${engine}`, async () => {
    const client = dynamoDbClient(places[engine]());
    const table = await makeTable(client, fresh('private'));
    const bytes = async () => JSON.stringify((await client.send(new ScanCommand({ TableName: table }))).Items);
    return { store: dynamoDbErasable({ client, table }), bytes, close: nothing };
  });

  spoolLaws(`DynamoDB on ${engine}`, async () => {
    const table = await makeTable(dynamoDbClient(places[engine]()), fresh('private'));
    const again = () => dynamoDbSpool({ client: dynamoDbClient(places[engine]()), table }, unique);
    return { spool: again(), again, close: nothing };
  });

  sessionLaws(`DynamoDB on ${engine}`, async () => {
    const client = dynamoDbClient(places[engine]());
    let now = BEGIN_SECONDS;
    const clock = { now: () => instantOf(now * 1000) };
    const store = dynamoDbSessions({ client, table: await makeTable(client, fresh('private')) }, clock);
    const later = (seconds: number) => {
      now += seconds;
    };
    return { store, later };
  });
}

const keySpecs = { p256: 'ECC_NIST_P256', ed25519: 'ECC_NIST_EDWARDS25519' } as const;
for (const algorithm of ['p256', 'ed25519'] as const)
  signerLaws(
    `KMS, ${algorithm}`,
    async () => {
      const client = kmsClient(places.MiniStack());
      const { KeyMetadata } = await client.send(
        new CreateKeyCommand({ KeySpec: keySpecs[algorithm], KeyUsage: 'SIGN_VERIFY' }),
      );
      return openKmsSigner(client, { key: KeyMetadata?.Arn ?? '', algorithm, keyClass: 'prod' });
    },
    { keyClass: 'prod', ...(algorithm === 'ed25519' ? { largest: 4096 } : {}) },
  );

/** Drives what lies in the queue, as the function behind it does, until nothing is left to send and nothing lies there. */
const drained = (client: SQSClient, workflow: SqsWorkflow, drive: (id: RequestId) => Promise<void>) => async () => {
  for (;;) {
    await workflow.idle();
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: wakes, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return;
    for (const { Body = '', ReceiptHandle } of Messages) {
      const { request, ...more } = JSON.parse(Body);
      expect(more).toEqual({});
      await drive(request);
      await client.send(new DeleteMessageCommand({ QueueUrl: wakes, ReceiptHandle }));
    }
  }
};

workflowLaws('a queue of SQS', (drive) => {
  const client = sqsClient(places.MiniStack());
  const workflow = new SqsWorkflow(client, wakes, (_, error) => {
    throw error;
  });
  return { workflow, idle: drained(client, workflow, drive) };
});
