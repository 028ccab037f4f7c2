// What a function may do, in words that the table of docs/aws.md is read from. Written out and not granted: `grantPut` of a bucket
// would also allow retention, legal hold and tags.
import { Fn } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

type Bucket = { readonly bucketArn: string; arnForObjects(pattern: string): string };
type Table = { readonly tableArn: string };
type Key = { readonly keyArn: string };

export type Stores = {
  readonly bucket: Bucket;
  readonly index: Table;
  readonly private: Table;
  readonly sealKey: Key;
  readonly logKey: Key;
};

/** Folders of the vault that somebody may write; `domain/vault-keys.ts` has all of them. */
export type Folder = 'blobs' | 'said' | 'votes' | 'journal' | 'packs' | 'events' | 'records' | 'log';
/** Partitions of the private table. */
export type Partition = 'ERASABLE#*' | 'NOTES' | 'SESSION#*' | 'TOKEN#*';

const allow = (actions: string[], resources: string[], conditions: Record<string, object> = {}) =>
  new PolicyStatement({ actions, resources, conditions });

/** Everybody reads all of it: a stage believes nothing but what it reads itself. */
export const readsEvidence = ({ bucket, index, sealKey, logKey }: Stores): PolicyStatement[] => [
  allow(['s3:GetObject', 's3:GetObjectVersion'], [bucket.arnForObjects('*')]),
  allow(['s3:ListBucket', 's3:ListBucketVersions'], [bucket.bucketArn]),
  allow(['dynamodb:GetItem', 'dynamodb:Query'], [index.tableArn]),
  allow(['kms:GetPublicKey'], [sealKey.keyArn, logKey.keyArn]),
];

export const writesVault = ({ bucket }: Stores, ...folders: Folder[]): PolicyStatement =>
  allow(
    ['s3:PutObject'],
    folders.map((folder) => bucket.arnForObjects(`${folder}/*`)),
  );

/** Rows change in transactions only: outside of one the same right is none. */
export const writesIndex = ({ index }: Stores): PolicyStatement =>
  allow(['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'], [index.tableArn], {
    'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] },
  });

const ofPartitions = (partitions: readonly Partition[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

export const readsPrivate = ({ private: table }: Stores, ...partitions: Partition[]): PolicyStatement =>
  allow(['dynamodb:GetItem', 'dynamodb:Query'], [table.tableArn], ofPartitions(partitions));

export const writesPrivate = ({ private: table }: Stores, ...partitions: Partition[]): PolicyStatement =>
  allow(
    ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
    [table.tableArn],
    ofPartitions(partitions),
  );

/** The key's own policy has the same two conditions, and names the role. */
export const signsWith = (key: Key, { algorithm, messageType }: { algorithm: string; messageType: string }): PolicyStatement =>
  allow(['kms:Sign'], [key.keyArn], {
    StringEquals: { 'kms:SigningAlgorithm': algorithm, 'kms:MessageType': messageType },
  });

/** Secrets Manager ends every ARN with six characters of its own. */
export const readsSecret = (arn: string): PolicyStatement =>
  allow(['secretsmanager:GetSecretValue'], [Fn.join('', [arn, '-??????'])]);

export const sendsTo = (...queues: readonly { readonly queueArn: string }[]): PolicyStatement =>
  allow(
    ['sqs:SendMessage'],
    queues.map(({ queueArn }) => queueArn),
  );

export const consumes = ({ queueArn }: { readonly queueArn: string }): PolicyStatement =>
  allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'], [queueArn]);

export const invokes = (arn: string): PolicyStatement => allow(['lambda:InvokeFunction'], [arn]);

export const putsEvents = (busArn: string): PolicyStatement => allow(['events:PutEvents'], [busArn]);

export const drives = (machine: { readonly stateMachineArn: string; readonly executions: string }): PolicyStatement[] => [
  allow(['states:StartExecution', 'states:SendTaskSuccess'], [machine.stateMachineArn]),
  allow(['states:DescribeExecution'], [machine.executions]),
];
