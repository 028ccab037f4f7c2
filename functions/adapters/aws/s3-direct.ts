// Large objects past the functions: whoever may upload gets an address at which S3 itself takes exactly those bytes, once, for some
// minutes. A function takes and answers 6 MB (docs/aws-costs.md).
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { hexOf } from '../../domain/digest.ts';
import { blobKey } from '../../domain/vault-keys.ts';
import type { Direct } from '../../ports.ts';
import { asking } from './fault.ts';

/** Long enough to begin 16 MB on a slow line; what has begun is not cut off. */
const SECONDS = 300;

/** In base64, with its headers, this still fits into a function's 6 MB. */
const THROUGH_FUNCTION = 4 * 1024 * 1024;

export function s3Direct(client: S3Client, bucket: string): Direct {
  return {
    largest: THROUGH_FUNCTION,
    upload: async (digest, size) => {
      const sum = Buffer.from(hexOf(digest), 'hex').toString('base64');
      const put = new PutObjectCommand({
        Bucket: bucket,
        Key: blobKey(digest),
        IfNoneMatch: '*',
        ChecksumSHA256: sum,
        ContentLength: size,
      });
      const headers = { 'if-none-match': '*', 'x-amz-checksum-sha256': sum };
      // Each of them signed as a header, and the length with them: left out or changed, S3 refuses the put, as it does when the bytes
      // are not those of the checksum.
      const signableHeaders = new Set([...Object.keys(headers), 'content-length', 'host']);
      const options = { expiresIn: SECONDS, signableHeaders, unhoistableHeaders: new Set(Object.keys(headers)) };
      const url = await asking('sign an upload', () => getSignedUrl(client, put, options));
      return { url, headers };
    },
    download: async (key) =>
      asking('sign a download', () =>
        getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: SECONDS }),
      ),
  };
}
