// How our clients of AWS wait and try again, set on purpose and in one place: left alone, the SDK has no time limit at all, and a
// connection that went dead would hold a function until it is killed. Region, credentials and endpoint it finds by itself.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Where a client talks to, when it is not the account that it runs in; and fewer attempts, where somebody else tries again. */
export type Place = {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
};

const CONNECT_MS = 1_000;
/** Rows, messages and signatures are answered in milliseconds; three of these fit into a function's ten seconds. */
const ANSWER_MS = 3_000;
/** An object may be 100 MB. */
const OBJECT_MS = 20_000;
const ATTEMPTS = 3;

const settings = (place: Place, answerMs: number) => ({
  maxAttempts: ATTEMPTS,
  // Not `adaptive`: it slows down one process for what another one asked.
  retryMode: 'standard',
  // Without the last word a late answer is only a warning in the log.
  requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: answerMs, throwOnRequestTimeout: true },
  ...place,
});

export const dynamoDbClient = (place: Place = {}): DynamoDBClient => new DynamoDBClient(settings(place, ANSWER_MS));

/** `pathStyle`: the bucket in the path, for servers whose names have no buckets before them. */
export const s3Client = (place: Place = {}, pathStyle = false): S3Client =>
  new S3Client({
    ...settings(place, OBJECT_MS),
    forcePathStyle: pathStyle,
    // The vault sends a SHA-256 of its own; a CRC beside it would be a second, weaker word for the same bytes.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

export const kmsClient = (place: Place = {}): KMSClient => new KMSClient(settings(place, ANSWER_MS));

export const sqsClient = (place: Place = {}): SQSClient => new SQSClient(settings(place, ANSWER_MS));

export const eventBridgeClient = (place: Place = {}): EventBridgeClient => new EventBridgeClient(settings(place, ANSWER_MS));

export const sfnClient = (place: Place = {}): SFNClient => new SFNClient(settings(place, ANSWER_MS));

export const secretsClient = (place: Place = {}): SecretsManagerClient => new SecretsManagerClient(settings(place, ANSWER_MS));

/**
 * `answerMs`: longer than the called function may run. One attempt: a second call while the first still runs would only make two
 * of them, and who calls tries again anyway.
 */
export const lambdaClient = (answerMs: number, place: Place = {}): LambdaClient =>
  new LambdaClient({ ...settings(place, answerMs), maxAttempts: 1 });
