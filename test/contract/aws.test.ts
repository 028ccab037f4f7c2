// The adapters of AWS, held to the laws that the local ones are held to. Each engine where it is faithful: Object Lock on versitygw,
// conditions on DynamoDB Local, and both again on MiniStack, which the end-to-end tests run on.
import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect } from 'vitest';
import { dynamoDbClient, kmsClient, s3Client, sqsClient } from '../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { dynamoDbErasable } from '../../functions/adapters/aws/dynamodb-private.ts';
import { openKmsSigner } from '../../functions/adapters/aws/kms-signer.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { SqsWorkflow } from '../../functions/adapters/aws/sqs-workflow.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { journalled } from '../../functions/journal.ts';
import { startDynamodbLocal } from '../support/aws/dynamodb-local.ts';
import type { Started } from '../support/aws/engine.ts';
import { startMinistack } from '../support/aws/ministack.ts';
import { makeBucket, makeTable, placeAt, versitygwAt } from '../support/aws/stores.ts';
import { startVersitygw } from '../support/aws/versitygw.ts';
import { indexLaws } from './index-laws.ts';
import { erasableLaws, signerLaws, workflowLaws } from './other-laws.ts';
import { vaultLaws } from './vault.ts';

const engines: Record<'ministack' | 'versitygw' | 'dynamodb', Started | undefined> = {
  ministack: undefined,
  versitygw: undefined,
  dynamodb: undefined,
};
const urlOf = (name: keyof typeof engines): string => {
  const engine = engines[name];
  if (engine === undefined) throw new Error(`${name} is not started`);
  return engine.url;
};
let wakes = '';
const COLD_MS = 400_000;

beforeAll(async () => {
  const [ministack, versitygw, dynamodb] = await Promise.all([startMinistack(), startVersitygw(), startDynamodbLocal()]);
  Object.assign(engines, { ministack, versitygw, dynamodb });
  const queue = await sqsClient(placeAt(ministack.url)).send(new CreateQueueCommand({ QueueName: 'wake' }));
  wakes = queue.QueueUrl ?? '';
}, COLD_MS);
afterAll(async () => {
  await Promise.all(Object.values(engines).map((engine) => engine?.stop()));
});

const unique = () => randomUUID();
const chance = { random: Math.random, unique };
const nothing = async () => undefined;
let made = 0;
const fresh = (what: string) => `${what}-${++made}`;

const places = {
  'DynamoDB Local': () => placeAt(urlOf('dynamodb')),
  MiniStack: () => placeAt(urlOf('ministack')),
  versitygw: () => versitygwAt(urlOf('versitygw')),
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
