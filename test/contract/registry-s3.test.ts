// A prefix of a bucket as a registry, on versitygw: a server of S3 with versions.
import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsOf, Registries } from '../../functions/adapters/registries/config.ts';
import { s3Files } from '../../functions/adapters/registries/s3-files.ts';
import { createShelf } from '../../functions/adapters/registries/shelf.ts';
import { surveyShelf } from '../../functions/adapters/registries/shelf-survey.ts';
import { digestOf, hexOf } from '../../functions/domain/digest.ts';
import type { Instant } from '../../functions/domain/text.ts';
import type { Started } from '../support/aws/engine.ts';
import { versitygwAt } from '../support/aws/stores.ts';
import { startVersitygw, VERSITYGW_ACCESS } from '../support/aws/versitygw.ts';
import { cloudEvent } from '../support/hooks.ts';
import { startThrottle, type Throttle } from '../support/throttle.ts';
import { registryLaws } from './registry-laws.ts';

const AT = '2026-11-21T08:00:00.000Z' as Instant;
const SECRET = 'a-secret-of-this-test-1';
const COLD_MS = 300_000;
const PREFIX = 'models/retail/';
const WISH = { registry: 'shelf', model: 'pd', version: '1', environment: 'sandbox' };
const bytes = (text: string) => new TextEncoder().encode(text);
const FILES = new Map([
  ['weights.json', bytes('{"w":["0.1"]}')],
  ['deep/er/preprocessor.json', bytes('{"p":1}')],
  ['ünï codé.txt', bytes('a name with more than ASCII')],
]);
const REQUEST = bytes('{"schema":"promotion-request/v0"}');
const BLOB = bytes('predictions');

const clientAt = (url: string) => new S3Client({ ...versitygwAt(url), forcePathStyle: true, maxAttempts: 1 });

async function bucketOf(client: S3Client, bucket: string, versions: boolean) {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  if (versions)
    await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return (path: string, content: Uint8Array | string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: PREFIX + path, Body: content }));
}

const registryAt = (client: S3Client, bucket: string, silenceMs = 30_000) =>
  createShelf({ name: 'shelf', files: s3Files({ client, bucket, prefix: PREFIX, silenceMs }), keys: { secrets: [SECRET] } });

for (const versions of [true, false])
  registryLaws(
    versions ? 'S3 prefix' : 'S3 prefix in a bucket that keeps no versions',
    async () => {
      const engine = await startVersitygw();
      const client = clientAt(engine.url);
      const put = await bucketOf(client, 'registry', versions);
      for (const [path, content] of FILES) await put(`pd/1/model/${path}`, content);
      await put('pd/1/countersign/request.json', REQUEST);
      await put(`pd/1/countersign/blobs/${hexOf(digestOf(BLOB))}`, BLOB);
      await put('pd/1/wanted', 'sandbox\n');
      return {
        registry: registryAt(client, 'registry'),
        unreachable: registryAt(clientAt('http://127.0.0.1:9'), 'registry'),
        wish: WISH,
        files: FILES,
        request: REQUEST,
        blob: BLOB,
        at: AT,
        hook: (wish) => cloudEvent(wish, SECRET, AT),
        ownHooks: () => [],
        overwrite: async (path, content) => void (await put(`pd/1/model/${path}`, content)),
        close: () => engine.stop(),
      };
    },
    COLD_MS,
  );

describe('R63 while somebody writes into the bucket', () => {
  let engine: Started;
  let client: S3Client;
  let throttle: Throttle;
  beforeAll(async () => {
    engine = await startVersitygw();
    client = clientAt(engine.url);
    throttle = await startThrottle(Number(new URL(engine.url).port));
  }, COLD_MS);
  afterAll(async () => {
    await throttle?.close();
    await engine?.stop();
  });

  it('what was listed is what is read, by its version id', async () => {
    const put = await bucketOf(client, 'versioned', true);
    await put('pd/1/model/weights.json', 'the first');
    const files = s3Files({ client, bucket: 'versioned', prefix: PREFIX });
    const listed = await files.list(['pd', '1', 'model']);
    await put('pd/1/model/weights.json', 'another one');
    const [file] = listed.ok ? listed.value : [];
    expect(await textOf(await file?.open())).toBe('the first');
    const found = await registryAt(client, 'versioned').resolve(WISH);
    expect(found.ok && found.value.files).toEqual([{ path: 'weights.json', size: 11, digest: digestOf('another one') }]);
  });

  it('without versions, what changed between the list and the reading is a fault that may be tried again', async () => {
    const put = await bucketOf(client, 'unversioned', false);
    await put('pd/1/model/weights.json', 'the first');
    const listed = await s3Files({ client, bucket: 'unversioned', prefix: PREFIX }).list(['pd', '1', 'model']);
    await put('pd/1/model/weights.json', 'of length');
    const [file] = listed.ok ? listed.value : [];
    await expect(Promise.resolve(file?.open())).rejects.toMatchObject({ name: 'InfrastructureError', retryable: true });
  });

  it('a name that leads out of the folder is refused, and a bucket that is not there is not an empty one', async () => {
    const put = await bucketOf(client, 'odd', true);
    await put('pd/1/model/weights.json', 'x');
    await put('pd/1/model/back\\slash.txt', 'x');
    expect(await registryAt(client, 'odd').resolve(WISH)).toMatchObject({
      ok: false,
      problems: [{ code: 'REGISTRY_MISMATCH', pointer: '/model/files' }],
    });
    const missing = registryAt(client, 'no-such-bucket');
    for (const call of [() => missing.resolve(WISH), () => missing.sweep('pd'), () => missing.checkProduction('pd')])
      await expect(call()).rejects.toMatchObject({ name: 'InfrastructureError' });
  });

  it('R4 256 MB are hashed as they come, and a body that falls silent is a fault', async () => {
    const put = await bucketOf(client, 'large', true);
    const content = randomBytes(256 * 1024 * 1024);
    await put('pd/1/model/model.bin', content);
    const digest = digestOf(content);
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 10);
    const found = await registryAt(client, 'large').resolve(WISH);
    clearInterval(watch);
    expect(found.ok && found.value.files).toEqual([{ path: 'model.bin', size: content.length, digest }]);
    expect((peak - before) / 1024 ** 2).toBeLessThan(150);
    const stalled = throttle.stall(1024 * 1024);
    const silent = registryAt(clientAt(throttle.url), 'large', 500).resolve(WISH);
    await stalled;
    await expect(silent).rejects.toMatchObject({ name: 'InfrastructureError', retryable: true });
    throttle.free();
  }, 60_000);

  it('as its operator writes it down, with the settings of the environment', async () => {
    const put = await bucketOf(client, 'written-down', true);
    await put('pd/aliases/champion', '1\n');
    const env = { AWS_ENDPOINT_URL_S3: engine.url, AWS_REGION: 'us-east-1' };
    const { accessKeyId, secretAccessKey } = VERSITYGW_ACCESS;
    Object.assign(process.env, env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    const models = [{ model: 'pd', line: 'credit', aliases: { sandbox: 'champion' } }];
    const bucket = { kind: 's3', name: 'shelf', bucket: 'written-down', prefix: PREFIX, pathStyle: true, models };
    const read = (registry: object) =>
      Registries.safeParse({ announcer: { clientId: 'a', clientSecret: 'b' }, registries: [registry] });
    const parsed = read(bucket);
    const registry = parsed.success ? connectionsOf(parsed.data).get('shelf')?.registry : undefined;
    expect(await registry?.checkProduction('pd')).toEqual([{ alias: 'champion', version: '1' }]);
    for (const wrong of ['no-slash', '/first', '../', 'a//'])
      expect(read({ ...bucket, prefix: wrong }).success, wrong).toBe(false);
  });

  it('R69 the survey finds the champions under the prefix, and nothing beside it', async () => {
    const put = await bucketOf(client, 'surveyed', true);
    await put('pd/aliases/champion', '1\n');
    await put('pd/1/model/weights.json', 'x');
    const other = new PutObjectCommand({ Bucket: 'surveyed', Key: 'models/lgd/aliases/champion', Body: '1\n' });
    await client.send(other);
    const found = await surveyShelf(s3Files({ client, bucket: 'surveyed', prefix: PREFIX }), 'champion');
    expect(found.map(({ model, version, fields }) => [model, version, fields[0]?.state])).toEqual([['pd', '1', 'mutable']]);
  });

  it('R16 the alias is an object like any other, and none of its versions is lost', async () => {
    const put = await bucketOf(client, 'aliases', true);
    await put('pd/aliases/champion', '1\n');
    const registry = registryAt(client, 'aliases');
    await registry.moveAlias({ model: 'pd', alias: 'champion', version: '2' });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'aliases', Key: `${PREFIX}pd/aliases/champion` }));
    expect(await Body?.transformToString()).toBe('2\n');
  });
});

async function textOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const kept: Uint8Array[] = [];
  for await (const piece of pieces ?? []) kept.push(piece);
  return Buffer.concat(kept).toString();
}
