// What a function may do, in words that the table of docs/aws.md is read from. Written out and not granted: `grantPut` of a bucket
// would also allow retention, legal hold and tags.
import type { Right } from './rights.ts';
import type { Signing } from './sealing-keys.ts';

/** ARNs of what the evidence stack holds. */
export type Stores = {
  readonly bucket: string;
  readonly index: string;
  readonly private: string;
  /** Oldest first; a new one is there before it is in use. */
  readonly sealKeys: readonly string[];
  readonly logKeys: readonly string[];
};

/** Folders of the vault that somebody may write; `domain/vault-keys.ts` has all of them. */
export type Folder = 'blobs' | 'said' | 'votes' | 'journal' | 'packs' | 'events' | 'records' | 'reattested' | 'log';
/** Partitions of the private table. */
export type Partition = 'ERASABLE#*' | 'NOTES' | 'SESSION#*' | 'TOKEN#*';

/** Everybody reads all of it: a stage believes nothing but what it reads itself. */
export const readsEvidence = ({ bucket, index, sealKeys, logKeys }: Stores): Right[] => [
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [`${bucket}/*`],
    wide: 'All objects of the vault: each stage reads for itself what it relies on.',
  },
  { actions: ['s3:ListBucket', 's3:ListBucketVersions'], resources: [bucket] },
  readsRows(index),
  { actions: ['kms:GetPublicKey'], resources: [...sealKeys, ...logKeys] },
];

export const writesVault = ({ bucket }: Stores, ...folders: Folder[]): Right => ({
  actions: ['s3:PutObject'],
  resources: folders.map((folder) => `${bucket}/${folder}/*`),
  wide: 'Names in a folder of the vault are digests, so none can be named beforehand.',
});

export const readsRows = (table: string): Right => ({ actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table] });

/** Rows change in transactions only: outside of one the same right is none. */
export const writesRows = (table: string): Right => ({
  actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
  resources: [table],
  conditions: { 'ForAnyValue:StringEquals': { 'dynamodb:EnclosingOperation': ['TransactWriteItems'] } },
});

const ofPartitions = (partitions: readonly Partition[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
  // "For all" is true of none.
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

export const readsPrivate = ({ private: table }: Stores, ...partitions: Partition[]): Right => ({
  actions: ['dynamodb:GetItem', 'dynamodb:Query'],
  resources: [table],
  conditions: ofPartitions(partitions),
});

export const writesPrivate = ({ private: table }: Stores, ...partitions: Partition[]): Right => ({
  actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
  resources: [table],
  conditions: ofPartitions(partitions),
});

/** A key's own policy has the same two conditions, and names the role. */
export const signsWith = (keys: readonly string[], { algorithm, messageType }: Signing): Right => ({
  actions: ['kms:Sign'],
  resources: [...keys],
  conditions: { StringEquals: { 'kms:SigningAlgorithm': algorithm, 'kms:MessageType': messageType } },
});

export const readsSecret = (arn: string): Right => ({
  actions: ['secretsmanager:GetSecretValue'],
  // Six places, each any character.
  resources: [`${arn}-??????`],
});

export const sendsTo = (...queues: readonly { readonly queueArn: string }[]): Right => ({
  actions: ['sqs:SendMessage'],
  resources: queues.map(({ queueArn }) => queueArn),
});

export const consumes = ({ queueArn }: { readonly queueArn: string }): Right => ({
  actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
  resources: [queueArn],
});

export const invokes = (arn: string): Right => ({ actions: ['lambda:InvokeFunction'], resources: [arn] });

export const putsEvents = (busArn: string): Right => ({ actions: ['events:PutEvents'], resources: [busArn] });

export const drives = (machine: { readonly stateMachineArn: string; readonly executions: string }): Right[] => [
  { actions: ['states:StartExecution', 'states:SendTaskSuccess'], resources: [machine.stateMachineArn] },
  {
    actions: ['states:DescribeExecution'],
    resources: [machine.executions],
    wide: 'Executions of one machine are named after requests that do not exist yet.',
  },
];
