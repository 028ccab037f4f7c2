// The files of a shelf under a prefix of a bucket. What was listed is read by its version id, so that what is hashed is one thing
// even while somebody writes; a bucket that keeps no versions is read by its ETag, and what changed meanwhile is tried again.
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { InfrastructureError } from '../../domain/errors.ts';
import { FilePath } from '../../domain/model.ts';
import { fail, ok, problem, type Result } from '../../domain/result.ts';
import { type Files, type FoundFile, MAX_FILES } from './shelf.ts';

export type S3FilesOptions = {
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or ending in a slash. */
  readonly prefix: string;
  /** Silence of a body that is longer than this ends it. */
  readonly silenceMs?: number;
};

const ANSWER_MS = 20_000;
const SILENCE_MS = 30_000;

/** Region, credentials and endpoint it finds by itself, as every client of AWS does (`AWS_REGION`, `AWS_ENDPOINT_URL_S3`, …). */
export const s3ClientOf = (pathStyle: boolean): S3Client =>
  new S3Client({
    forcePathStyle: pathStyle,
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 3_000, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

export function s3Files({ client, bucket, prefix, silenceMs = SILENCE_MS }: S3FilesOptions): Files {
  const keyOf = (parts: readonly string[]): string => prefix + parts.join('/');
  const below = (parts: readonly string[]): string => (parts.length === 0 ? prefix : `${keyOf(parts)}/`);
  const at = (parts: readonly string[]) => ({ Bucket: bucket, Key: keyOf(parts) });
  return {
    // Each call below finds out by itself: a bucket that is not there answers with an error, never with an empty list.
    reached: async () => undefined,
    namesIn: (parts) => namesUnder(client, bucket, below(parts)),
    list: (parts) => listed(client, bucket, below(parts), silenceMs),
    open: (parts) => opened(client, at(parts), silenceMs),
    replace: async (parts, text) => {
      const put = new PutObjectCommand({ ...at(parts), Body: Buffer.from(text), ContentType: 'text/plain; charset=utf-8' });
      await asking(`write ${keyOf(parts)}`, () => client.send(put));
    },
    remove: async (parts) => {
      await asking(`remove ${keyOf(parts)}`, () => client.send(new DeleteObjectCommand(at(parts))));
    },
  };
}

/** Whatever is not the answer of a store that is well may be better the next time; a refusal of ours to look is told all the same. */
async function asking<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new InfrastructureError(`cannot ${what}: ${said}`, { retryable: true, cause: error });
  }
}

/** Without what lies beneath a name twice: of a folder its name, of an object its own. */
async function namesUnder(client: S3Client, Bucket: string, Prefix: string): Promise<string[]> {
  const names = new Set<string>();
  let ContinuationToken: string | undefined;
  do {
    const ask = new ListObjectsV2Command({
      Bucket,
      Prefix,
      Delimiter: '/',
      ...(ContinuationToken ? { ContinuationToken } : {}),
    });
    const {
      Contents = [],
      CommonPrefixes = [],
      NextContinuationToken,
    } = await asking(`list ${Prefix}`, () => client.send(ask));
    for (const { Key = '' } of Contents) names.add(Key.slice(Prefix.length));
    for (const { Prefix: below = '' } of CommonPrefixes) names.add(below.slice(Prefix.length, -1));
    ContinuationToken = NextContinuationToken;
  } while (ContinuationToken !== undefined && names.size <= MAX_FILES);
  names.delete('');
  return [...names];
}

/** The newest version of each key; a key that a delete marker hides has none. */
async function listed(client: S3Client, Bucket: string, Prefix: string, silenceMs: number): Promise<Result<FoundFile[]>> {
  const found: FoundFile[] = [];
  let next: { KeyMarker: string; VersionIdMarker?: string } | undefined;
  do {
    const ask = new ListObjectVersionsCommand({ Bucket, Prefix, ...next });
    const answer = await asking(`list ${Prefix}`, () => client.send(ask));
    for (const { Key = '', VersionId, ETag, Size = 0, IsLatest } of answer.Versions ?? []) {
      const path = Key.slice(Prefix.length);
      // What a console makes for an empty folder.
      if (IsLatest !== true || (path.endsWith('/') && Size === 0) || path === '') continue;
      if (!FilePath.safeParse(path).success)
        return fail(problem('REGISTRY_MISMATCH', '/model/files', `${JSON.stringify(path).slice(0, 100)} is no path of a file`));
      const one = VersionId !== undefined && VersionId !== 'null' ? { VersionId } : { ...(ETag ? { IfMatch: ETag } : {}) };
      found.push({ path, size: Size, open: () => opened(client, { Bucket, Key, ...one }, silenceMs) });
      if (found.length > MAX_FILES) return fail(problem('REGISTRY_MISMATCH', '/model/files', `more than ${MAX_FILES} files`));
    }
    const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = answer;
    next = IsTruncated && KeyMarker ? { KeyMarker, ...(VersionIdMarker ? { VersionIdMarker } : {}) } : undefined;
  } while (next !== undefined);
  return ok(found);
}

async function opened(client: S3Client, at: GetObjectCommandInput, silenceMs: number) {
  try {
    const { Body } = await client.send(new GetObjectCommand(at));
    return Body === undefined ? undefined : piecesOf(Body as Readable, at.Key ?? '', silenceMs);
  } catch (error) {
    if (error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NoSuchVersion')) return undefined;
    return asking(`read ${at.Key}`, () => Promise.reject(error));
  }
}

/** A long file may take long, silence may not; and who stops reading closes the connection. */
async function* piecesOf(body: Readable, key: string, silenceMs: number): AsyncGenerator<Uint8Array> {
  const timer = setTimeout(() => body.destroy(new Error('it fell silent')), silenceMs);
  try {
    for await (const piece of body) {
      timer.refresh();
      yield piece as Uint8Array;
    }
  } catch (error) {
    await asking(`read ${key} to its end`, () => Promise.reject(error));
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}
