// The stores of AWS on local engines, and as many function processes over them as asked for: each with clients, journal and policy of
// its own, as containers of Lambda have. Object Lock on versitygw, transactions on DynamoDB Local, keys on MiniStack.
import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import type { S3Client } from '@aws-sdk/client-s3';
import { readPackFolder, SHIPPED_PACK } from '../../../cli/pack-folder.ts';
import { dynamoDbClient, kmsClient, s3Client } from '../../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../../functions/adapters/aws/dynamodb-index.ts';
import { type Item, rowOf } from '../../../functions/adapters/aws/dynamodb-rows.ts';
import { openKmsSigner } from '../../../functions/adapters/aws/kms-signer.ts';
import { S3Vault } from '../../../functions/adapters/aws/s3-vault.ts';
import { journalled } from '../../../functions/journal.ts';
import { packsFrom } from '../../../functions/packs.ts';
import type { Clock, Row } from '../../../functions/ports.ts';
import { begin } from '../../../functions/seal/beginning.ts';
import { startDynamodbLocal } from '../../support/aws/dynamodb-local.ts';
import { type Executions, executions, noneKept } from '../../support/aws/execution.ts';
import { startMinistack } from '../../support/aws/ministack.ts';
import { makeBucket, makeTable, placeAt, versitygwAt } from '../../support/aws/stores.ts';
import { startVersitygw } from '../../support/aws/versitygw.ts';
import { type Around, around } from '../../support/faults.ts';
import { memoryWorkflow } from '../../support/memory/workflow.ts';
import type { TestWorld } from '../../support/world.ts';

/** One container: its world, and the executions it goes on with. */
export type Container = { readonly world: TestWorld; readonly machine: Executions };

export type Cloud = {
  /** `hook`: around every call of its stores, under the journal. */
  readonly container: (hook: Around) => Container;
  readonly vault: S3Vault;
  /** For who tampers. */
  readonly s3: S3Client;
  readonly bucket: string;
  readonly rows: () => Promise<Row[]>;
  /** Requests of the SDK by command, each attempt. */
  readonly requests: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

const calm: Around = (_, run) => run();

export async function openCloud(clock: Clock & { readonly later: (ms: number) => void }): Promise<Cloud> {
  const engines = await Promise.all([startVersitygw(), startDynamodbLocal(), startMinistack()]);
  const [versitygw, dynamodb, ministack] = engines;
  const requests = new Map<string, number>();
  const s3 = counted(s3Client(versitygwAt(versitygw.url), true), requests);
  const dynamo = counted(dynamoDbClient(placeAt(dynamodb.url)), requests);
  const [bucket, table] = [await makeBucket(s3, 'evidence'), await makeTable(dynamo, 'index')];
  const kms = kmsClient(placeAt(ministack.url));
  const key = async (KeySpec: 'ECC_NIST_P256' | 'ECC_NIST_EDWARDS25519') =>
    (await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }))).KeyMetadata?.Arn ?? '';
  const signer = await openKmsSigner(kms, { key: await key('ECC_NIST_P256'), algorithm: 'p256', keyClass: 'dev' });
  const logging = await openKmsSigner(kms, { key: await key('ECC_NIST_EDWARDS25519'), algorithm: 'ed25519', keyClass: 'dev' });
  const settings = { random: Math.random, unique: randomUUID };
  const vaultOf = () => new S3Vault(s3, { ...settings, bucket });
  const kept = noneKept();

  const container = (hook: Around): Container => {
    const tlog = { origin: 'log.example.test/month', signer: logging };
    const ports = around({ vault: vaultOf(), index: new DynamoDbIndex(dynamo, { ...settings, table }), signer, tlog }, hook);
    const machine = executions(() => world, undefined, kept);
    const workflow = memoryWorkflow((id) => machine.wake(id));
    const world: TestWorld = {
      ...ports,
      index: journalled(ports.vault, ports.index),
      clock,
      workflow,
      packs: packsFrom(ports.vault),
      woken: workflow.woken,
      run: workflow.idle,
      later: clock.later,
      folder: ':nowhere:',
      close: async () => undefined,
    };
    return { world, machine };
  };
  const { pack, files } = await readPackFolder(SHIPPED_PACK);
  const by = { organisation: 'Test Bank', retentionOwner: 'model-risk' };
  const begun = await begin(container(calm).world, by, { digest: pack.digest, files });
  if (!begun.ok) throw new Error(JSON.stringify(begun.problems));
  return {
    container,
    ...{ s3, bucket },
    vault: vaultOf(),
    rows: () => scanned(dynamo, table),
    requests,
    stop: async () => void (await Promise.all(engines.map((engine) => engine.stop()))),
  };
}

function counted<C extends S3Client | DynamoDBClient>(client: C, requests: Map<string, number>): C {
  const stack = client.middlewareStack as S3Client['middlewareStack'];
  stack.add(
    (next, { commandName }) =>
      (args) => {
        const name = String(commandName).replace(/Command$/, '');
        requests.set(name, (requests.get(name) ?? 0) + 1);
        return next(args);
      },
    // Within the SDK's own retries.
    { step: 'finalizeRequest', priority: 'low' },
  );
  return client;
}

async function scanned(client: DynamoDBClient, TableName: string): Promise<Row[]> {
  const rows: Row[] = [];
  let from: Item | undefined;
  do {
    const after = from === undefined ? {} : { ExclusiveStartKey: from };
    const page = await client.send(new ScanCommand({ TableName, ConsistentRead: true, ...after }));
    rows.push(...(page.Items ?? []).map(rowOf));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return rows;
}
