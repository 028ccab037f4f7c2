// What may be reported as "refused". A check that something is forbidden must not turn green because nobody looked at it.
import { expect, it } from 'vitest';
import { tried } from '../../../cli/aws-doctor/finding.ts';

const refusal = (name: string, status: number, message = '') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
const stateAt = async (error: Error) => (await tried(() => Promise.reject(error))).state;

it.each([
  ['AccessDenied', 403, 'Access Denied because object protected by object lock.'],
  [
    'AccessDenied',
    403,
    'User: arn:… is not authorized to perform: s3:DeleteObject with an explicit deny in a resource-based policy',
  ],
  ['PreconditionFailed', 412, ''],
  ['BadDigest', 400, ''],
  ['InvalidBucketState', 409, ''],
])('%s (%i) shows that it is refused', async (name, status, message) => {
  expect(await stateAt(refusal(name, status, message))).toBe('ok');
});

it.each([
  ['ExpiredToken', 400, ''],
  ['UnrecognizedClientException', 400, ''],
  ['InvalidAccessKeyId', 403, ''],
  ['SignatureDoesNotMatch', 403, ''],
  ['ThrottlingException', 400, 'Rate exceeded'],
  ['NotFoundException', 400, 'Key does not exist'],
  ['AccessDenied', 403, 'because no identity-based policy allows the s3:PutObject action'],
  ['AccessDenied', 403, 'with an explicit deny in a service control policy'],
  ['AccessDenied', 403, 'with an explicit deny in a permissions boundary'],
  ['AccessDenied', 403, 'with an explicit deny in an identity-based policy'],
  ['TimeoutError', 500, ''],
])('%s (%i) “%s” shows nothing', async (name, status, message) => {
  expect(await stateAt(refusal(name, status, message))).toBe('unknown');
});
