// The composition on AWS: adapters from the environment of one function. It decides nothing; what a function may do is in its role.
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { dynamoDbClient, lambdaClient, s3Client, sqsClient } from '../adapters/aws/clients.ts';
import { DynamoDbIndex } from '../adapters/aws/dynamodb-index.ts';
import { dynamoDbErasable, dynamoDbSessions, dynamoDbSpool, type PrivateTable } from '../adapters/aws/dynamodb-private.ts';
import { lambdaSealer } from '../adapters/aws/lambda-sealer.ts';
import { S3Vault } from '../adapters/aws/s3-vault.ts';
import { sqsLogQueue } from '../adapters/aws/sqs-log-queue.ts';
import { SqsWorkflow } from '../adapters/aws/sqs-workflow.ts';
import { systemClock } from '../adapters/local/clock.ts';
import { InfrastructureError, storyOf } from '../domain/errors.ts';
import { HealthLimits } from '../domain/health.ts';
import type { WhereKeys } from '../domain/rows.ts';
import { type Warden, wardenOf } from '../health.ts';
import type { SessionStore } from '../http/session-store.ts';
import { type JournalledIndex, journalled, problemOfPair } from '../journal.ts';
import { type AtHand, ownKeys } from '../keys/own.ts';
import { type DriveWorld, packsFrom } from '../packs.ts';
import type { Erasable, Vault } from '../ports.ts';
import type { Environment, Settings, Told } from './env.ts';
import { keysAtHand, listsOfKeys, whereTold, withLater } from './keys.ts';
import { logLine } from './stage.ts';

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
  /** Every key that this version was told of, whether it signs now or not; and where they are. */
  readonly atHand: AtHand;
  readonly where: WhereKeys;
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

/** Whom this function asks for what its own role may not do. */
export type Asks = { readonly sealer?: true; readonly sequencer?: true };

export async function openWorld({ told, has }: Environment, asks: Asks): Promise<AwsWorld> {
  const clock = systemClock();
  const stores = await openStores(told, has('COUNTERSIGN_S3_PATH_STYLE'));
  const atHand = await keysAtHand(told);
  const lists = await listsOfKeys(stores.index);
  const own = await ownKeys({ ...stores, clock }, await withLater(told, atHand, stores), 'this deployment');
  const hidden = hiddenTable(told);
  const settings = told('COUNTERSIGN_CONFIG');
  return {
    ...stores,
    ...own,
    clock,
    settings,
    atHand,
    where: whereTold(told),
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
