// A world for the stages whose stores and keys are those of AWS, on local engines; the clock and the workflow are the test's.
import { randomUUID } from 'node:crypto';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { dynamoDbClient, kmsClient, s3Client } from '../../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../../functions/adapters/aws/dynamodb-index.ts';
import { openKmsSigner } from '../../../functions/adapters/aws/kms-signer.ts';
import { S3Vault } from '../../../functions/adapters/aws/s3-vault.ts';
import { drive } from '../../../functions/drive.ts';
import { journalled } from '../../../functions/journal.ts';
import type { LogIdentity } from '../../../functions/log/log.ts';
import { packsFrom } from '../../../functions/packs.ts';
import type { Clock, Index, Signer } from '../../../functions/ports.ts';
import { memoryClock } from '../memory/clock.ts';
import { memoryWorkflow } from '../memory/workflow.ts';
import type { TestWorld } from '../world.ts';
import type { Places } from './engines.ts';
import { type FateOf, withFates } from './fates.ts';
import { makeBucket, makeTable } from './stores.ts';

const calm: FateOf = () => 'well';

/** Bucket, table and keys of one deployment. */
export async function deployed(places: Places, name: string) {
  const kms = kmsClient(places.ministack);
  const keyOf = async (KeySpec: 'ECC_NIST_P256' | 'ECC_NIST_EDWARDS25519') =>
    (await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }))).KeyMetadata?.Arn ?? '';
  return {
    places,
    bucket: await makeBucket(s3Client(places.versitygw, true), name),
    table: await makeTable(dynamoDbClient(places.dynamodb), name),
    sealKey: await keyOf('ECC_NIST_P256'),
    logKey: await keyOf('ECC_NIST_EDWARDS25519'),
  };
}
type Deployed = Awaited<ReturnType<typeof deployed>>;

export type AwsTestWorld = TestWorld & { readonly rows: Index };

/** One function's handles. `former`: keys that sealed in this store before. */
export async function awsWorld(
  { places, bucket, table, sealKey, logKey }: Deployed,
  {
    fateOf = calm,
    clock = memoryClock(Date.parse('2026-11-01T08:00:00.000Z')),
    tlog,
    former,
  }: {
    readonly fateOf?: FateOf;
    readonly clock?: Clock & { readonly later: (ms: number) => void };
    readonly tlog?: LogIdentity;
    readonly former?: Signer;
  } = {},
): Promise<AwsTestWorld> {
  const settings = { random: Math.random, unique: () => randomUUID(), firstMs: 5 };
  const vault = new S3Vault(withFates(s3Client(places.versitygw, true), fateOf), { ...settings, bucket });
  const dynamodb = withFates(dynamoDbClient(places.dynamodb), fateOf, { forgetful: true });
  const rows = new DynamoDbIndex(dynamodb, { ...settings, table });
  const kms = withFates(kmsClient(places.ministack), fateOf);
  const keyClass = 'dev' as const;
  const signer = await openKmsSigner(kms, { key: sealKey, algorithm: 'p256', keyClass });
  const logSigner = await openKmsSigner(kms, { key: logKey, algorithm: 'ed25519', keyClass });
  const workflow = memoryWorkflow((id) => drive(world, id));
  const world: AwsTestWorld = {
    ...{ vault, rows, index: journalled(vault, rows), clock, workflow },
    signer: former === undefined ? signer : { ...signer, former: [former] },
    tlog: tlog ?? { origin: 'log.example.test/aws', signer: logSigner },
    packs: packsFrom(vault),
    woken: workflow.woken,
    run: workflow.idle,
    later: clock.later,
    folder: '',
    close: async () => undefined,
  };
  return world;
}
