// The composition on AWS: adapters from the environment of one function. It decides nothing; what a function may do is in its role.
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { dynamoDbClient, kmsClient, lambdaClient, s3Client, sqsClient } from '../adapters/aws/clients.ts';
import { DynamoDbIndex } from '../adapters/aws/dynamodb-index.ts';
import { dynamoDbErasable, dynamoDbSessions, dynamoDbSpool, type PrivateTable } from '../adapters/aws/dynamodb-private.ts';
import { openKmsSigner } from '../adapters/aws/kms-signer.ts';
import { lambdaSealer } from '../adapters/aws/lambda-sealer.ts';
import { S3Vault } from '../adapters/aws/s3-vault.ts';
import { sqsLogQueue } from '../adapters/aws/sqs-log-queue.ts';
import { SqsWorkflow } from '../adapters/aws/sqs-workflow.ts';
import { systemClock } from '../adapters/local/clock.ts';
import { HealthLimits } from '../domain/health.ts';
import { type Warden, wardenOf } from '../health.ts';
import type { SessionStore } from '../http/session-store.ts';
import { journalled } from '../journal.ts';
import { ownKeys } from '../keys/own.ts';
import { type DriveWorld, packsFrom } from '../packs.ts';
import type { Erasable, Index, Vault } from '../ports.ts';
import type { Environment, Settings, Told } from './env.ts';
import { logLine, storyOf } from './stage.ts';

export const random = (): string => randomBytes(32).toString('base64url');
/** From 0 up to 1: only so that two who met do not meet again. */
const jitter = (): number => randomInt(1_000_000) / 1_000_000;

/** The sweep's schedule (infra/). */
export const TICK_MS = 60_000;
/** Longer than the seal function may run. */
const SEAL_ANSWER_MS = 65_000;

export type AwsWorld = DriveWorld & {
  readonly health: Warden;
  readonly workflow: SqsWorkflow;
  readonly erasable: Erasable;
  readonly sessions: SessionStore;
  readonly settings: Settings;
};

/** The private table, which holds no evidence. */
export const hiddenTable = (told: Told): PrivateTable => ({
  client: dynamoDbClient(),
  table: told('COUNTERSIGN_PRIVATE_TABLE'),
});

/** A wake that cannot be sent is lost, and the sweep makes it good. */
export const openWakeQueue = (told: Told): SqsWorkflow =>
  new SqsWorkflow(sqsClient(), told('COUNTERSIGN_WAKE_QUEUE'), (request, error) =>
    logLine({ level: 'warning', event: 'wakeLost', request, error: storyOf(error) }),
  );

function openStores(told: Told, pathStyle: boolean): { readonly vault: Vault; readonly index: Index } {
  const bucket = told('COUNTERSIGN_BUCKET');
  const vault = new S3Vault(s3Client({}, pathStyle), { bucket, random: jitter, unique: randomUUID });
  const rows = new DynamoDbIndex(dynamoDbClient(), { table: told('COUNTERSIGN_TABLE'), random: jitter, unique: randomUUID });
  return { vault, index: journalled(vault, rows) };
}

/** Whom this function asks for what its own role may not do. */
export type Asks = { readonly sealer?: true; readonly sequencer?: true };

export async function openWorld({ told, has }: Environment, asks: Asks): Promise<AwsWorld> {
  const clock = systemClock();
  const stores = openStores(told, has('COUNTERSIGN_S3_PATH_STYLE'));
  const keyClass = told('COUNTERSIGN_CLASS');
  const kms = kmsClient();
  const sealing = await openKmsSigner(kms, { key: told('COUNTERSIGN_SEAL_KEY'), algorithm: 'p256', keyClass });
  const logging = await openKmsSigner(kms, { key: told('COUNTERSIGN_LOG_KEY'), algorithm: 'ed25519', keyClass });
  const log = { origin: told('COUNTERSIGN_LOG_ORIGIN'), signer: logging };
  const own = await ownKeys({ ...stores, clock }, { signers: [sealing], logs: [log] }, 'this deployment');
  const hidden = hiddenTable(told);
  const settings = told('COUNTERSIGN_CONFIG');
  return {
    ...stores,
    ...own,
    clock,
    settings,
    erasable: dynamoDbErasable(hidden),
    sessions: dynamoDbSessions(hidden, clock),
    packs: packsFrom(stores.vault),
    workflow: openWakeQueue(told),
    health: wardenOf(dynamoDbSpool(hidden, randomUUID), settings.health ?? HealthLimits.parse({}), TICK_MS),
    ...(asks.sealer ? { sealer: lambdaSealer(lambdaClient(SEAL_ANSWER_MS), told('COUNTERSIGN_SEALER')) } : {}),
    ...(asks.sequencer ? { sequencer: sqsLogQueue(sqsClient(), told('COUNTERSIGN_LOG_QUEUE'), randomUUID) } : {}),
  };
}
