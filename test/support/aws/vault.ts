// The bucket behind a deployment, past our own code: what is in it, and what it refuses to its own owner.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { versionsUnder } from '../../../functions/adapters/aws/s3-versions.ts';
import { S3Vault } from '../../../functions/adapters/aws/s3-vault.ts';
import { readEvent } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { exportKeys } from '../../../functions/export.ts';
import type { Deployment } from './deploy.ts';

const bucketOf = ({ outputs }: Deployment): string => outputs['Bucket'] ?? '';

export async function objectsOf(deployment: Deployment, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of versionsUnder(deployment.s3, bucketOf(deployment), prefix)) keys.push(key);
  return keys;
}

/** Name of the error for each thing that must not be; `done` where it was. */
export async function forbiddenOn(deployment: Deployment, Key: string) {
  const { s3 } = deployment;
  const at = { Bucket: bucketOf(deployment), Key };
  const { VersionId } = await s3.send(new HeadObjectCommand(at));
  const { Retention } = await s3.send(new GetObjectRetentionCommand(at));
  const until = Retention?.RetainUntilDate;
  if (VersionId === undefined || until === undefined) throw new Error(`${Key} has no version or no retention`);
  const tried = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
  const sooner = new Date(until.getTime() - 86_400_000);
  const mode = Retention?.Mode ?? 'GOVERNANCE';
  const retain = (RetainUntilDate: Date) => new PutObjectRetentionCommand({ ...at, VersionId, Retention: { Mode: mode, RetainUntilDate } });
  return {
    deleteVersion: await tried(s3.send(new DeleteObjectCommand({ ...at, VersionId }))),
    shortenRetention: await tried(s3.send(retain(sooner))),
    liftRetention: await tried(s3.send(retain(new Date(Date.now() + 60_000)))),
    putAgain: await tried(s3.send(new PutObjectCommand({ ...at, Body: 'other bytes', IfNoneMatch: '*' }))),
  };
}

/** What `countersign export` writes, read from the bucket alone: no index, no server. */
export async function exportFromBucket(deployment: Deployment, hash: string, folder: string): Promise<void> {
  const settings = { bucket: bucketOf(deployment), random: Math.random, unique: () => `${Math.random()}` };
  const vault = new S3Vault(deployment.s3, settings);
  const event = await readEvent({ vault }, hash as EventHash);
  if (event === undefined) throw new Error(`the bucket has no event ${hash}`);
  for (const key of await exportKeys({ vault }, event)) {
    const bytes = await vault.get(key);
    if (bytes === undefined) continue;
    await mkdir(dirname(join(folder, key)), { recursive: true });
    await writeFile(join(folder, key), bytes);
  }
}
