// Tries each forbidden thing on an object that is the doctor's own. Of evidence nothing is touched: the canary lies under `doctor/`,
// which is no key of the vault. It is locked like everything else, so there is one, put by the first run and used by each later one.
import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { statusOf } from '../../functions/adapters/aws/fault.ts';
import { sha256 } from '../../functions/domain/crypto.ts';
import type { Floor } from './bucket.ts';
import { cannotTell, either, fails, type Look, ok, type Told, tried } from './finding.ts';

export const CANARY = 'doctor/canary';
const AREA = 'tried';
const DAY_MS = 86_400_000;

/** Exported for its test. */
export const CANARY_TEXT =
  'Put by `countersign doctor --aws`. No evidence; it shows that the bucket refuses what it must refuse.\n';
const text = new TextEncoder().encode(CANARY_TEXT);
const sum = Buffer.from(sha256(text)).toString('base64');

type Canary = {
  readonly s3: S3Client;
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId: string;
  readonly at: Date;
};

/** `days`: the default retention that was promised. */
export function triedLooks(s3: S3Client, Bucket: string, floor: Floor): Look[] {
  let found: Promise<Canary> | undefined;
  const canary = (): Promise<Canary> => {
    found ??= putOrFound(s3, Bucket);
    return found;
  };
  const on = (name: string, run: (canary: Canary) => Promise<Told>): Look => ({
    area: AREA,
    name,
    run: async () => run(await canary()),
  });
  // What leaves something behind where it is allowed comes last.
  return [
    on('put, if none is there', async ({ VersionId }) => ok(`${CANARY}, version ${VersionId}`)),
    on('put once more, if none is there', ({ Key }) =>
      tried(() => s3.send(new PutObjectCommand({ ...conditional(Bucket, Key) }))),
    ),
    on('checksum as sent', async ({ Key, VersionId }) => {
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId, ChecksumMode: 'ENABLED' }));
      return either(head.ChecksumSHA256 === sum, `SHA-256 ${sum}`, `it was stored with ${head.ChecksumSHA256 ?? 'none'}`);
    }),
    on('put with another checksum', async () => {
      const other = Buffer.from(sha256(new TextEncoder().encode('other bytes'))).toString('base64');
      // A name of its own: under the canary's it would be refused for another reason.
      return tried(() =>
        s3.send(new PutObjectCommand({ ...conditional(Bucket, `doctor/${randomUUID()}`), ChecksumSHA256: other })),
      );
    }),
    on('retention it was given', (one) => retained(one, floor)),
    on('shorten its retention', (one) => shortened(one, {})),
    on('shorten its retention with a bypass', (one) => shortened(one, { BypassGovernanceRetention: true })),
    on('delete its version', ({ Key, VersionId }) => tried(() => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })))),
    on('delete its version with a bypass', ({ Key, VersionId }) =>
      tried(() => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true }))),
    ),
    on('legal hold', ({ Key, VersionId }) => {
      const hold = (Status: 'ON' | 'OFF') => new PutObjectLegalHoldCommand({ Bucket, Key, VersionId, LegalHold: { Status } });
      return tried(
        () => s3.send(hold('ON')),
        () => s3.send(hold('OFF')),
      );
    }),
    on('suspend versioning', () => suspended(s3, Bucket)),
    on('delete', (one) => hiddenBy(one)),
    on('put over it', ({ Key }) => {
      const { IfNoneMatch: _, ...unconditional } = conditional(Bucket, Key);
      return tried(() => s3.send(new PutObjectCommand(unconditional)));
    }),
  ];
}

const conditional = (Bucket: string, Key: string) => ({ Bucket, Key, Body: text, ChecksumSHA256: sum, IfNoneMatch: '*' });

async function putOrFound(s3: S3Client, Bucket: string): Promise<Canary> {
  const Key = CANARY;
  try {
    await s3.send(new PutObjectCommand(conditional(Bucket, Key)));
  } catch (error) {
    if (statusOf(error) !== 412) throw error;
  }
  const { VersionId, LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  if (VersionId === undefined || VersionId === 'null' || LastModified === undefined)
    throw new Error('the canary was stored without a version: nothing in this bucket is locked');
  return { s3, Bucket, Key, VersionId, at: LastModified };
}

/** Succeeds on locked objects where no policy denies it: a marker hides them. Ours is taken away again; markers are never locked. */
async function hiddenBy({ s3, Bucket, Key }: Canary): Promise<Told> {
  let marker: string | undefined;
  return tried(
    async () => {
      marker = (await s3.send(new DeleteObjectCommand({ Bucket, Key }))).VersionId;
    },
    async () => marker !== undefined && s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: marker })),
  );
}

async function retained({ s3, Bucket, Key, VersionId, at }: Canary, floor: Floor): Promise<Told> {
  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket, Key, VersionId }));
  const { Mode, RetainUntilDate: until } = Retention ?? {};
  if (Mode === undefined || until === undefined) return fails('it has none');
  const days = (until.getTime() - at.getTime()) / DAY_MS;
  const words = `${Mode} until ${until.toISOString()}`;
  // To the minute: S3 counts from its own clock.
  return either(days > floor.days - 1 / 1440, words, `${words}: ${Math.floor(days)} days, the floor is ${floor.days}`);
}

/** To an hour from now: a date in the past is refused as such, which would show nothing. */
async function shortened({ s3, Bucket, Key, VersionId }: Canary, more: { BypassGovernanceRetention?: true }): Promise<Told> {
  const before = (await s3.send(new GetObjectRetentionCommand({ Bucket, Key, VersionId }))).Retention;
  if (before?.RetainUntilDate === undefined) return fails('there is nothing to shorten');
  const RetainUntilDate = new Date(Date.now() + DAY_MS / 24);
  if (before.RetainUntilDate <= RetainUntilDate)
    return cannotTell('the canary’s retention is over; nothing is left to shorten');
  const put = (Retention: typeof before) => new PutObjectRetentionCommand({ Bucket, Key, VersionId, ...more, Retention });
  return tried(
    () => s3.send(put({ ...before, RetainUntilDate })),
    () => s3.send(put(before)),
  );
}

/** Tried only on a locked bucket with versioning, where S3 refuses it to everybody; where it was allowed it is put back at once. */
async function suspended(s3: S3Client, Bucket: string): Promise<Told> {
  const [{ Status }, { ObjectLockConfiguration: lock }] = await Promise.all([
    s3.send(new GetBucketVersioningCommand({ Bucket })),
    s3.send(new GetObjectLockConfigurationCommand({ Bucket })),
  ]);
  if (Status !== 'Enabled' || lock?.ObjectLockEnabled !== 'Enabled')
    return fails('not tried: versioning and lock are not both on');
  const put = (to: 'Suspended' | 'Enabled') =>
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: to } });
  return tried(
    () => s3.send(put('Suspended')),
    () => s3.send(put('Enabled')),
  );
}
