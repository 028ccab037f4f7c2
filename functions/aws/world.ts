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
import { InfrastructureError } from '../domain/errors.ts';
import { HealthLimits } from '../domain/health.ts';
import { KEYS_SEALED, keys } from '../domain/rows.ts';
import { type Warden, wardenOf } from '../health.ts';
import type { SessionStore } from '../http/session-store.ts';
import { type JournalledIndex, journalled, problemOfPair } from '../journal.ts';
import { type AtHand, ownKeys } from '../keys/own.ts';
import { type DriveWorld, packsFrom } from '../packs.ts';
import type { Erasable, Index, Signer, Vault } from '../ports.ts';
import type { Environment, Settings, Told } from './env.ts';
import { logLine, storyOf } from './stage.ts';

export const random = (): string => randomBytes(32).toString('base64url');
/** From 0 up to 1: only so that two who met do not meet again. */
const jitter = (): number => randomInt(1_000_000) / 1_000_000;

/** The sweep's schedule (infra/). */
const TICK_MS = 60_000;
/** Longer than the seal function may run. */
const SEAL_ANSWER_MS = 65_000;

export type AwsWorld = DriveWorld & {
  readonly index: JournalledIndex;
  readonly health: Warden;
  readonly workflow: SqsWorkflow;
  readonly erasable: Erasable;
  readonly sessions: SessionStore;
  readonly settings: Settings;
  /** Every key of this deployment, whether it signs now or not. */
  readonly atHand: AtHand;
  /** How many lists of keys there were when it was opened. */
  readonly lists: number;
};

/** The private table, which holds no evidence. */
export const hiddenTable = (told: Told): PrivateTable => ({
  client: dynamoDbClient(),
  table: told('COUNTERSIGN_PRIVATE_TABLE'),
});

/** Notes beside the store: they are there when vault and index do not answer. */
export const openHealth = (told: Told): Warden =>
  wardenOf(dynamoDbSpool(hiddenTable(told), randomUUID), told('COUNTERSIGN_CONFIG').health ?? HealthLimits.parse({}), TICK_MS);

/** A wake that cannot be sent is lost, and the sweep makes it good. */
export const openWakeQueue = (told: Told): SqsWorkflow =>
  new SqsWorkflow(sqsClient(), told('COUNTERSIGN_WAKE_QUEUE'), (request, error) =>
    logLine({ level: 'warning', event: 'wakeLost', request, error: storyOf(error) }),
  );

type Opened = { readonly vault: Vault; readonly index: JournalledIndex };

/**
 * The rows of this table must be those of this vault, and as new as its journal: a table that was restored to an older day goes on
 * from where it stands, an empty one is made again from the first entry, and until then nothing is answered.
 */
async function openStores(told: Told, pathStyle: boolean): Promise<Opened> {
  const bucket = told('COUNTERSIGN_BUCKET');
  const vault = new S3Vault(s3Client({}, pathStyle), { bucket, random: jitter, unique: randomUUID });
  const rows = new DynamoDbIndex(dynamoDbClient(), { table: told('COUNTERSIGN_TABLE'), random: jitter, unique: randomUUID });
  const wrong = await problemOfPair(vault, rows);
  if (wrong !== undefined) throw new InfrastructureError(wrong, { retryable: false });
  const index = journalled(vault, rows);
  await index.catchUp();
  return { vault, index };
}

/** Keys are named oldest first; the newest ones may wait for their rotation. */
async function keysAtHand(told: Told): Promise<AtHand> {
  const keyClass = told('COUNTERSIGN_CLASS');
  const kms = kmsClient();
  const opened = async (arns: string, algorithm: Signer['algorithm']): Promise<[Signer, ...Signer[]]> => {
    const [first = '', ...others] = arns.split(',');
    const open = (key: string) => openKmsSigner(kms, { key, algorithm, keyClass });
    return [await open(first), ...(await Promise.all(others.map(open)))];
  };
  const origin = told('COUNTERSIGN_LOG_ORIGIN');
  const [log, ...logs] = await opened(told('COUNTERSIGN_LOG_KEY'), 'ed25519');
  const named = (signer: Signer) => ({ origin, signer });
  return { signers: await opened(told('COUNTERSIGN_SEAL_KEY'), 'p256'), logs: [named(log), ...logs.map(named)] };
}

export const listsOfKeys = async (index: Index): Promise<number> => (await index.list(keys.keysPk, KEYS_SEALED)).length;

/** Whom this function asks for what its own role may not do. */
export type Asks = { readonly sealer?: true; readonly sequencer?: true };

export async function openWorld({ told, has }: Environment, asks: Asks): Promise<AwsWorld> {
  const clock = systemClock();
  const stores = await openStores(told, has('COUNTERSIGN_S3_PATH_STYLE'));
  const atHand = await keysAtHand(told);
  const lists = await listsOfKeys(stores.index);
  const own = await ownKeys({ ...stores, clock }, atHand, 'this deployment');
  const hidden = hiddenTable(told);
  const settings = told('COUNTERSIGN_CONFIG');
  return {
    ...stores,
    ...own,
    clock,
    settings,
    atHand,
    lists,
    erasable: dynamoDbErasable(hidden),
    sessions: dynamoDbSessions(hidden, clock),
    packs: packsFrom(stores.vault),
    workflow: openWakeQueue(told),
    health: openHealth(told),
    ...(asks.sealer ? { sealer: lambdaSealer(lambdaClient(SEAL_ANSWER_MS), told('COUNTERSIGN_SEALER')) } : {}),
    ...(asks.sequencer ? { sequencer: sqsLogQueue(sqsClient(), told('COUNTERSIGN_LOG_QUEUE'), randomUUID) } : {}),
  };
}
