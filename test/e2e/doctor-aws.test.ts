// `countersign doctor --aws` as a process. Each check must be able to say no: buckets without a lock, kept for too short, with
// versioning suspended, without a policy. versitygw knows Object Lock and nothing of the policies that AWS evaluates; so that the
// bucket's policy really refuses "needs real AWS" (docs/aws-checklist.md). That it is read right is tested on its text.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateContinuousBackupsCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY, CANARY_TEXT } from '../../cli/aws-doctor/tries.ts';
import { dynamoDbClient, kmsClient, s3Client } from '../../functions/adapters/aws/clients.ts';
import type { Started } from '../support/aws/engine.ts';
import { startMinistack } from '../support/aws/ministack.ts';
import { makeTable, placeAt, versitygwAt } from '../support/aws/stores.ts';
import { startVersitygw, VERSITYGW_ACCESS } from '../support/aws/versitygw.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FLOOR = 3650;

let s3Engine: Started;
let ministack: Started;
let folder: string;
beforeAll(async () => {
  [s3Engine, ministack] = await Promise.all([startVersitygw(), startMinistack()]);
  folder = await mkdtemp(join(tmpdir(), 'countersign-doctor-'));
}, 400_000);
afterAll(async () => {
  await Promise.all([s3Engine?.stop(), ministack?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

type Report = { well: boolean; findings: { area: string; name: string; state: string; detail: string }[] };

/** Runs it; on the vault's engine or on the other one. */
async function doctor(args: readonly string[], on: 's3' | 'rest' = 's3'): Promise<{ code: number; out: string; err: string }> {
  const { accessKeyId, secretAccessKey } = on === 's3' ? VERSITYGW_ACCESS : { accessKeyId: 'test', secretAccessKey: 'test' };
  const env = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: on === 's3' ? s3Engine.url : ministack.url,
    COUNTERSIGN_S3_PATH_STYLE: '1',
  };
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin.js'), 'doctor', '--aws', ...args], { env, cwd: folder });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise<number>((done) => child.once('close', (status) => done(status ?? -1)));
  return { code, out, err };
}

/** `area: name`, to the state of each finding. */
async function stateOf(
  args: readonly string[],
  on: 's3' | 'rest' = 's3',
): Promise<{ code: number; states: Record<string, string> }> {
  const { code, out, err } = await doctor([...args, '--json'], on);
  if (out === '') throw new Error(err);
  const { findings } = JSON.parse(out) as Report;
  return { code, states: Object.fromEntries(findings.map(({ area, name, state }) => [`${area}: ${name}`, state])) };
}

/** As AWS gives it to an object by the default of its bucket; versitygw keeps the default with the bucket alone. */
async function canaryFor(Bucket: string, days: number): Promise<void> {
  const s3 = s3Client(versitygwAt(s3Engine.url), true);
  const until = new Date(Date.now() + days * 86_400_000);
  const lock = { ObjectLockMode: 'COMPLIANCE' as const, ObjectLockRetainUntilDate: until };
  await s3.send(new PutObjectCommand({ Bucket, Key: CANARY, Body: CANARY_TEXT, ...lock, ChecksumAlgorithm: 'SHA256' }));
}

async function bucket(name: string, retention?: { Mode: 'COMPLIANCE' | 'GOVERNANCE'; Days: number }): Promise<string> {
  const s3 = s3Client(versitygwAt(s3Engine.url), true);
  await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: retention !== undefined }));
  if (retention === undefined) return name;
  const lock = { ObjectLockEnabled: 'Enabled' as const, Rule: { DefaultRetention: retention } };
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket: name, ObjectLockConfiguration: lock }));
  return name;
}

describe('R14 R15a the vault, as its bucket is configured and as it answers', () => {
  it('a locked bucket kept for ten years holds what the lock can hold; what a policy would have to refuse is told', async () => {
    const name = await bucket('evidence', { Mode: 'COMPLIANCE', Days: FLOOR });
    await canaryFor(name, FLOOR);
    const { code, states } = await stateOf(['--bucket', name]);
    expect(states).toMatchObject({
      'vault: object lock': 'ok',
      'vault: versioning': 'ok',
      'vault: one version each': 'ok',
      'tried: put, if none is there': 'ok',
      'tried: put once more, if none is there': 'ok',
      'tried: checksum as sent': 'ok',
      'tried: put with another checksum': 'ok',
      'tried: retention it was given': 'ok',
      'tried: shorten its retention': 'ok',
      'tried: shorten its retention with a bypass': 'ok',
      'tried: delete its version': 'ok',
      'tried: delete its version with a bypass': 'ok',
      'tried: suspend versioning': 'ok',
      // No policy stands there, and the lock alone does not refuse these.
      'vault: bucket policy': 'fail',
      'tried: delete': 'fail',
      'tried: put over it': 'fail',
      'tried: legal hold': 'fail',
    });
    expect(code).toBe(2);
  });

  it('touches no evidence: what was there is there, once, and beside it lies the canary alone', async () => {
    const s3 = s3Client(versitygwAt(s3Engine.url), true);
    const Bucket = await bucket('touched', { Mode: 'COMPLIANCE', Days: FLOOR });
    const Key = `blobs/${'a'.repeat(64)}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'evidence' }));
    await doctor(['--bucket', Bucket]);
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const evidence = Versions.filter(({ Key: key }) => !key?.startsWith('doctor/'));
    expect(evidence.map(({ Key: key, Size }) => `${key} ${Size}`)).toEqual([`${Key} 8`]);
    expect(DeleteMarkers).toEqual([]);
  });

  it.each([
    ['no lock at all', 'unlocked', undefined, ['vault: object lock', 'vault: versioning']],
    ['kept for a day', 'short', { Mode: 'COMPLIANCE', Days: 1 }, ['vault: object lock', 'tried: retention it was given']],
    ['a lock that can be lifted', 'liftable', { Mode: 'GOVERNANCE', Days: FLOOR }, ['vault: object lock']],
  ] as const)('says no to a bucket with %s', async (_, name, retention, failing) => {
    await bucket(name, retention);
    if (retention?.Days === 1) await canaryFor(name, retention.Days);
    const { code, states } = await stateOf(['--bucket', name]);
    expect(states).toMatchObject(Object.fromEntries(failing.map((what) => [what, 'fail'])));
    expect(code).toBe(2);
  });

  it('says no to a bucket whose versioning is suspended, and does not try to suspend it', async () => {
    const s3 = s3Client(versitygwAt(s3Engine.url), true);
    const Bucket = await bucket('suspended');
    for (const Status of ['Enabled', 'Suspended'] as const)
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    const { states } = await stateOf(['--bucket', Bucket, '--read-only']);
    expect(states['vault: versioning']).toBe('fail');
    expect(Object.keys(states).filter((name) => name.startsWith('tried'))).toEqual([]);
  });

  it('names a key that is doubled and one that is hidden', async () => {
    const s3 = s3Client(versitygwAt(s3Engine.url), true);
    const Bucket = await bucket('doubled', { Mode: 'COMPLIANCE', Days: FLOOR });
    for (const Body of ['first', 'other'])
      await s3.send(new PutObjectCommand({ Bucket, Key: `blobs/${'b'.repeat(64)}`, Body }));
    const { out } = await doctor(['--bucket', Bucket, '--read-only', '--json']);
    const found = (JSON.parse(out) as Report).findings.find(({ name }) => name === 'one version each');
    expect(found).toMatchObject({ state: 'fail' });
    expect(found?.detail).toContain(`blobs/${'b'.repeat(64)}: 2 versions`);
  });
});

describe('R14 the index and the keys', () => {
  it('a bare table and bare keys fail where nothing protects them; rows that stand stand', async () => {
    const client = dynamoDbClient(placeAt(ministack.url));
    const kms = kmsClient(placeAt(ministack.url));
    const table = await makeTable(client, 'bare');
    const keyOf = async (spec: 'ECC_NIST_P256' | 'ECC_NIST_EDWARDS25519') =>
      (await kms.send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }))).KeyMetadata?.Arn ?? '';
    const outputs = join(folder, 'outputs.json');
    const [SealKeyArn, LogKeyArn] = [await keyOf('ECC_NIST_P256'), await keyOf('ECC_NIST_EDWARDS25519')];
    const SealKeyArn2 = await keyOf('ECC_NIST_P256');
    await writeFile(
      outputs,
      JSON.stringify({ Evidence: { Table: table, SealKeyArn2, SealKeyArn, LogKeyArn }, Router: { Url: 'http://x' } }),
    );
    const { code, states } = await stateOf(['--outputs', outputs], 'rest');
    expect(states).toMatchObject({
      'index: keys': 'ok',
      'index: deletion protection': 'fail',
      'index: point in time recovery': 'fail',
      'index: stream': 'fail',
      'index: table policy': 'fail',
      'tried: write a fact': 'ok',
      'tried: write the fact again': 'ok',
      'tried: write it as a register': 'ok',
      'tried: clear it': 'ok',
      'tried: update it past the conditions': 'fail',
      'tried: take the doctor’s row away': 'ok',
      'seal key: what it is': 'ok',
      'seal key: its policy': 'fail',
      'seal key: sign with it, as you': 'fail',
      'seal key 2: what it is': 'ok',
      'log key: what it is': 'ok',
      // Outputs that name only a part of a deployment are never told as well.
      'bucket: name': 'unknown',
      'machine: name': 'unknown',
    });
    expect(code).toBe(2);

    await client.send(
      new UpdateTableCommand({
        TableName: table,
        DeletionProtectionEnabled: true,
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    await client.send(new UpdateContinuousBackupsCommand({ TableName: table, PointInTimeRecoverySpecification }));
    const after = await stateOf(['--table', table, '--read-only'], 'rest');
    expect(after.states).toMatchObject({
      'index: deletion protection': 'ok',
      'index: point in time recovery': 'ok',
      'index: stream': 'ok',
    });

    // Two keys exchanged.
    const exchanged = await stateOf(['--seal-key', LogKeyArn, '--read-only'], 'rest');
    expect(exchanged.states['seal key: what it is']).toBe('fail');
  });
});

describe('the report', () => {
  it('fits into 100 columns, says that no AWS answered, and ends as unknown when nothing answers at all', async () => {
    const { out } = await doctor(['--bucket', 'evidence', '--read-only']);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(out).toContain('not AWS');
    const nobody = await doctor(['--machine', 'arn:aws:states:us-east-1:000000000000:stateMachine:none', '--json']);
    expect(nobody.code).toBe(3);
  });

  it('asks for something to look at', async () => {
    const { code, err } = await doctor([]);
    expect(code).toBe(1);
    expect(err).toContain('--outputs');
  });
});
