// The bucket behind a deployment, past our own code: what is in it, and what it refuses to its own owner.
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { completePack, putFile } from '../../../cli/pack/write.ts';
import { S3Vault } from '../../../functions/adapters/aws/s3-vault.ts';
import { versionsUnder } from '../../../functions/adapters/aws/s3-versions.ts';
import { readPromotion } from '../../../functions/baseline.ts';
import type { EventHash } from '../../../functions/domain/digest.ts';
import { envelopeKey } from '../../../functions/domain/vault-keys.ts';
import { exportKeys } from '../../../functions/export.ts';
import type { Deployment } from './deploy.ts';

const bucketOf = ({ output }: Deployment): string => output('Bucket');

export async function objectsOf(deployment: Deployment, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of versionsUnder(deployment.s3, bucketOf(deployment), prefix)) keys.push(key);
  return keys;
}

/** As long as the stacks of the tests keep everything. */
const DAYS = 365;

/**
 * Name of the error for each thing that must not be; `done` where it was. AWS writes the bucket's default onto each version;
 * versitygw only enforces it, so it is written here before somebody tries to shorten it.
 */
export async function forbiddenOn(deployment: Deployment, Key: string) {
  const { s3 } = deployment;
  const at = { Bucket: bucketOf(deployment), Key };
  const { VersionId } = await s3.send(new HeadObjectCommand(at));
  if (VersionId === undefined) throw new Error(`${Key} has no version`);
  const tried = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    );
  const retain = (days: number, Mode: 'GOVERNANCE' | 'COMPLIANCE') => {
    const Retention = { Mode, RetainUntilDate: new Date(Date.now() + days * 86_400_000) };
    return s3.send(new PutObjectRetentionCommand({ ...at, VersionId, Retention }));
  };
  const deleteVersion = await tried(s3.send(new DeleteObjectCommand({ ...at, VersionId })));
  await retain(DAYS, 'GOVERNANCE');
  return {
    deleteVersion,
    shortenRetention: await tried(retain(DAYS - 1, 'GOVERNANCE')),
    deleteRetained: await tried(s3.send(new DeleteObjectCommand({ ...at, VersionId }))),
    putAgain: await tried(s3.send(new PutObjectCommand({ ...at, Body: 'other bytes', IfNoneMatch: '*' }))),
  };
}

/** What `countersign export` writes, read from the bucket alone: no index, no server. */
export async function exportFromBucket(deployment: Deployment, hash: string, folder: string): Promise<void> {
  const settings = { bucket: bucketOf(deployment), random: Math.random, unique: () => `${Math.random()}` };
  const vault = new S3Vault(deployment.s3, settings);
  const { promotion } = await readPromotion(vault, hash as EventHash);
  const event = { key: envelopeKey(hash as EventHash, 'approved'), predicate: promotion };
  const names: string[] = [];
  for (const key of await exportKeys({ vault }, event)) {
    const bytes = await vault.get(key);
    if (bytes === undefined) continue;
    await putFile(folder, key, bytes);
    names.push(key);
  }
  await completePack(folder, hash as EventHash, names);
}
