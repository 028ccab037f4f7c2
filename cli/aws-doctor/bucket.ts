// The vault's bucket as it is configured. Nothing here is written.
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { nameOf } from '../../functions/adapters/aws/fault.ts';
import { versionsUnder } from '../../functions/adapters/aws/s3-versions.ts';
import { either, fails, type Look, noted, ok, type Told } from './finding.ts';
import { BUT_ONE_ROLE, denies, type Statement, statementsIn, type Wanted } from './policy.ts';

export type Floor = { readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly days: number };

const DAYS_OF_YEAR = 365;
const AREA = 'vault';

export function bucketLooks(s3: S3Client, bucket: string, floor: Floor): Look[] {
  const Bucket = bucket;
  return [
    { area: AREA, name: 'object lock', run: () => lockOf(s3, Bucket, floor) },
    {
      area: AREA,
      name: 'versioning',
      run: async () => {
        const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
        return either(Status === 'Enabled', 'enabled', `${Status ?? 'never enabled'}: nothing in it can be locked`);
      },
    },
    { area: AREA, name: 'public access', run: () => publicAccess(s3, Bucket) },
    { area: AREA, name: 'encryption', run: () => encryption(s3, Bucket) },
    { area: AREA, name: 'lifecycle', run: () => lifecycle(s3, Bucket) },
    { area: AREA, name: 'bucket policy', run: async () => vaultPolicyOf(statementsIn(await policyText(s3, Bucket)), Bucket) },
    { area: AREA, name: 'one version each', run: () => versions(s3, Bucket) },
  ];
}

async function lockOf(s3: S3Client, Bucket: string, floor: Floor) {
  const { ObjectLockConfiguration: lock } = await s3
    .send(new GetObjectLockConfigurationCommand({ Bucket }))
    .catch((error: unknown) => {
      if (nameOf(error) === 'ObjectLockConfigurationNotFoundError') return { ObjectLockConfiguration: undefined };
      throw error;
    });
  if (lock?.ObjectLockEnabled !== 'Enabled')
    return fails('off: everything in it can be deleted, and it cannot be made safe later');
  const { Mode, Days, Years } = lock.Rule?.DefaultRetention ?? {};
  if (Mode === undefined) return fails('on, without a default retention: what is put is kept for no time at all');
  const days = Days ?? (Years ?? 0) * DAYS_OF_YEAR;
  const words = `${Mode}, ${days} days by default`;
  if (days < floor.days) return fails(`${words}; the floor is ${floor.days} days`);
  return either(Mode === 'COMPLIANCE' || Mode === floor.mode, words, `${words}; asked for is ${floor.mode}`);
}

async function publicAccess(s3: S3Client, Bucket: string) {
  const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = block ?? {};
  const all = [BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets];
  return either(
    all.every((one) => one === true),
    'blocked, all four ways',
    `${all.filter((one) => one === true).length} of 4 ways are blocked`,
  );
}

async function encryption(s3: S3Client, Bucket: string) {
  const { ServerSideEncryptionConfiguration: found } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  const algorithm = found?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
  return either(algorithm === 'AES256', 'by S3’s own key', `${algorithm}: who deletes that key destroys the evidence`);
}

/** Expiry cannot remove a locked version; it hides it behind a marker. */
async function lifecycle(s3: S3Client, Bucket: string) {
  const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })).catch((error: unknown) => {
    if (nameOf(error) === 'NoSuchLifecycleConfiguration') return { Rules: [] };
    throw error;
  });
  const expiring = Rules.filter((rule) => rule.Expiration !== undefined || rule.NoncurrentVersionExpiration !== undefined);
  return either(
    expiring.length === 0,
    'nothing expires',
    `expires by rule: ${expiring.map(({ ID }) => ID ?? 'without a name').join(', ')}`,
  );
}

const policyText = async (s3: S3Client, Bucket: string): Promise<string> => {
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket })).catch((error: unknown) => {
    if (nameOf(error) === 'NoSuchBucketPolicy') return { Policy: undefined };
    throw error;
  });
  return Policy ?? '{"Statement":[]}';
};

/** What infra/constructs/vault-policy.ts denies to everybody. */
function wantedOf(bucket: string): Wanted[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const on = `${arn}/events/0`;
  const always = [
    'DeleteObject',
    'DeleteObjectVersion',
    'PutObjectRetention',
    'BypassGovernanceRetention',
    'PutObjectLegalHold',
  ];
  const ofBucket = ['PutBucketObjectLockConfiguration', 'PutBucketVersioning', 'PutLifecycleConfiguration', 'DeleteBucket'];
  return [
    ...always.map((name) => ({ action: `s3:${name}`, on })),
    { action: 's3:PutObject', on, only: ['Null', 's3:if-none-match', /^true$/] },
    ...['events/0', 'records/0', 'log/0'].map((key) => ({ action: 's3:PutObject', on: `${arn}/${key}`, only: BUT_ONE_ROLE })),
    ...ofBucket.map((name) => ({ action: `s3:${name}`, on: arn, only: BUT_ONE_ROLE })),
    { action: 's3:GetObject', on, only: ['Bool', 'aws:SecureTransport', /^false$/] },
  ];
}

/** Exported for its test, which reads the policy that the stack writes. */
export function vaultPolicyOf(statements: readonly Statement[], bucket: string): Told {
  const wanted = wantedOf(bucket);
  const open = wanted.filter((one) => !denies(statements, one));
  const words = open.map(({ action, only }) => (only === undefined ? action : `${action} (${only[1]})`));
  return either(
    open.length === 0,
    `denies all ${wanted.length} that it has to`,
    `does not deny ${[...new Set(words)].join(', ')}`,
  );
}

/** Told by name, so that somebody looks; the first few are enough to begin with. */
const SHOWN = 5;

async function versions(s3: S3Client, Bucket: string) {
  const odd: string[] = [];
  let count = 0;
  for await (const { key, versions: found, markers } of versionsUnder(s3, Bucket, '')) {
    count++;
    if (found.length !== 1 || markers > 0) odd.push(`${key}: ${found.length} versions, ${markers} delete markers`);
  }
  if (odd.length === 0) return ok(`${count} keys, each one version and no delete marker`);
  const more = odd.length > SHOWN ? `; and ${odd.length - SHOWN} more` : '';
  return fails(`${odd.slice(0, SHOWN).join('; ')}${more}`);
}

export const emulated = (endpoint: string): Look => ({
  area: 'place',
  name: 'endpoint',
  run: async () => noted(`${endpoint} answers, not AWS: what it allows or refuses shows nothing about your account`),
});
