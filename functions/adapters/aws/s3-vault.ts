import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { sha256 } from '../../domain/crypto.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import { invariant } from '../../domain/result.ts';
import { isVaultKey } from '../../domain/vault-keys.ts';
import type { PutOutcome, Vault, VaultKey } from '../../ports.ts';
import { asking, faultOf, isPassing, nameOf, statusOf } from './fault.ts';
import { type Patience, untilAnswered } from './patience.ts';
import { type ObjectVersions, oldestVersion, versionsUnder } from './s3-versions.ts';

/** `unique` names one put; no two puts of anybody ever share a name. */
type Settings = Patience & { readonly bucket: string; readonly unique: () => string };

/** Carries the name of the put, so that who lost the answer to it can ask whose the object is. */
const WRITER = 'writer';

/**
 * The vault as objects of a bucket with Object Lock and default retention. Nothing here sets, shortens or lifts a retention: the
 * bucket does, and its policy denies it to everybody else. One put is one whole object, never parts (LAW 5).
 */
export class S3Vault implements Vault {
  readonly #client: S3Client;
  readonly #settings: Settings;

  constructor(client: S3Client, settings: Settings) {
    this.#client = client;
    this.#settings = settings;
  }

  async putOnce(key: VaultKey, bytes: Uint8Array): Promise<PutOutcome> {
    // The caller may change its bytes while the call runs.
    const mine = { ...this.#at(key), bytes: bytes.slice(), sum: base64(sha256(bytes)), writer: this.#settings.unique() };
    const outcome = await untilAnswered(this.#settings, () => this.#put(mine));
    if (outcome !== undefined) return outcome;
    throw new InfrastructureError(`cannot store ${key}: other writers were always there, and then nothing was`, {
      retryable: true,
    });
  }

  async get(key: VaultKey): Promise<Uint8Array | undefined> {
    return (await this.#read(key))?.bytes;
  }

  async size(key: VaultKey): Promise<number | undefined> {
    const at = this.#at(key);
    return asking(`read ${key}`, async () => {
      try {
        return (await this.#client.send(new HeadObjectCommand(at))).ContentLength;
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
        // The same answer stands for no object, a hidden one and no bucket at all.
        return (await oldestVersion(this.#client, at))?.size;
      }
    });
  }

  /** Also what a delete marker hides: what is locked is there, whatever a listing of names says. */
  async *list(prefix: VaultKey): AsyncIterable<VaultKey> {
    try {
      for await (const { key, versions } of versionsUnder(this.#client, this.#settings.bucket, prefix))
        if (versions.length > 0) yield key;
    } catch (error) {
      throw faultOf(`list ${prefix}`, error);
    }
  }

  /** Keys that are not one plain version each: somebody hid or doubled them. For audit and doctor. */
  async *versionsOf(prefix: VaultKey): AsyncIterable<ObjectVersions> {
    try {
      for await (const found of versionsUnder(this.#client, this.#settings.bucket, prefix))
        if (found.versions.length !== 1 || found.markers > 0) yield found;
    } catch (error) {
      throw faultOf(`list ${prefix}`, error);
    }
  }

  /** Undefined: to be tried again. */
  async #put(mine: Mine): Promise<PutOutcome | undefined> {
    const { Bucket, Key, bytes, sum, writer } = mine;
    const put = { Bucket, Key, Body: bytes, IfNoneMatch: '*', ChecksumSHA256: sum, Metadata: { [WRITER]: writer } };
    let stored: PutObjectCommandOutput;
    try {
      stored = await this.#client.send(new PutObjectCommand(put));
    } catch (error) {
      if (statusOf(error) === 412) return this.#there(mine);
      // Another put of this key was under way: S3 asks to try again, and then one of them stands.
      if (statusOf(error) === 409 && isPassing(error)) return undefined;
      throw faultOf(`store ${Key}`, error);
    }
    await this.#compare(mine, stored);
    return { kind: 'stored' };
  }

  /** Whose is it? The SDK tries again when an answer was lost, and then meets what it stored itself. */
  async #there({ Key, bytes, writer }: Mine): Promise<PutOutcome | undefined> {
    const there = await this.#read(Key);
    // Refused because of another put that came to nothing.
    if (there === undefined) return undefined;
    if (there.writer !== writer) return { kind: 'already', bytes: there.bytes };
    if (Buffer.compare(there.bytes, bytes) === 0) return { kind: 'stored' };
    throw new InfrastructureError(`${Key} holds other bytes than were sent`, { retryable: false });
  }

  /** What was stored is what was sent: the checksum S3 keeps with this very version. Some servers tell it only when asked. */
  async #compare({ Bucket, Key, sum }: Mine, { VersionId, ChecksumSHA256 }: PutObjectCommandOutput): Promise<void> {
    if (VersionId === undefined)
      throw new InfrastructureError(`the bucket ${Bucket} keeps no versions, so nothing in it is locked`, { retryable: false });
    const head = { Bucket, Key, VersionId, ChecksumMode: 'ENABLED' as const };
    const kept =
      ChecksumSHA256 ?? (await asking(`read ${Key}`, () => this.#client.send(new HeadObjectCommand(head)))).ChecksumSHA256;
    if (kept !== sum)
      throw new InfrastructureError(`${Key}, version ${VersionId}, was stored with another checksum`, { retryable: false });
  }

  async #read(key: VaultKey): Promise<{ bytes: Uint8Array; writer: string | undefined } | undefined> {
    const at = this.#at(key);
    return asking(`read ${key}`, async () => {
      try {
        return await wholeOf(await this.#client.send(new GetObjectCommand({ ...at, ChecksumMode: 'ENABLED' })));
      } catch (error) {
        if (nameOf(error) !== 'NoSuchKey') throw error;
        if (!isHidden(error)) return undefined;
        // A delete marker hides a key and deletes nothing: what is locked lies beneath it, and the oldest version is the one that was
        // put while the key was free.
        const oldest = await oldestVersion(this.#client, at);
        if (oldest === undefined) return undefined;
        const version = { ...at, VersionId: oldest.versionId, ChecksumMode: 'ENABLED' as const };
        return wholeOf(await this.#client.send(new GetObjectCommand(version)));
      }
    });
  }

  #at(key: VaultKey): { Bucket: string; Key: string } {
    invariant(isVaultKey(key), `a vault key, not ${key}`);
    return { Bucket: this.#settings.bucket, Key: key };
  }
}

type Mine = {
  readonly Bucket: string;
  readonly Key: string;
  readonly bytes: Uint8Array;
  readonly sum: string;
  readonly writer: string;
};

/** The SDK holds the bytes against their checksum while they come. */
async function wholeOf({ Body, Metadata }: GetObjectCommandOutput): Promise<{ bytes: Uint8Array; writer: string | undefined }> {
  return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), writer: Metadata?.[WRITER] };
}

/** S3 says with its 404 that a delete marker is what it found. */
function isHidden(error: unknown): boolean {
  const { $response } = error as { $response?: { headers?: Record<string, string> } };
  return $response?.headers?.['x-amz-delete-marker'] === 'true';
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
