// Tables and buckets on a local engine, shaped as the stacks make them, for the adapters alone.
import { CreateTableCommand, type DynamoDBClient, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectLockConfigurationCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Place } from '../../../functions/adapters/aws/clients.ts';
import { VERSITYGW_ACCESS } from './versitygw.ts';

/** The one that versitygw knows. */
const REGION = 'us-east-1';

/** MiniStack and DynamoDB Local take any credentials. */
export const placeAt = (url: string): Place => ({
  region: REGION,
  endpoint: url,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

export const versitygwAt = (url: string): Place => ({ ...placeAt(url), credentials: VERSITYGW_ACCESS });

export async function makeTable(client: DynamoDBClient, table: string): Promise<string> {
  const made = client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  await made.catch((error: unknown) => {
    // On a busy machine the engine answered late, and the SDK asked again. Nobody else makes a table of this name.
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  return table;
}

/** Locked from its creation, each version for a day by default. */
export async function makeBucket(client: S3Client, bucket: string): Promise<string> {
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  const retention = { DefaultRetention: { Mode: 'COMPLIANCE' as const, Days: 1 } };
  const lock = { ObjectLockEnabled: 'Enabled' as const, Rule: retention };
  await client.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration: lock }));
  return bucket;
}
