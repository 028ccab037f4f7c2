// R6 R14 an object that is too large for a function goes to the store itself, by the command line's own client; and the store takes those
// bytes, once, and nothing else. On versitygw, whose signatures and checksums are S3's.
import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../cli/client.ts';
import { s3Client } from '../../functions/adapters/aws/clients.ts';
import { s3Direct } from '../../functions/adapters/aws/s3-direct.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import type { Offer } from '../../functions/domain/offer.ts';
import { blobKey } from '../../functions/domain/vault-keys.ts';
import type { Direct } from '../../functions/ports.ts';
import { appOf, type TestApp } from '../support/app.ts';
import type { Started } from '../support/aws/engine.ts';
import { makeBucket, versitygwAt } from '../support/aws/stores.ts';
import { startVersitygw } from '../support/aws/versitygw.ts';
import { openWorld, PIPELINE, type TestWorld } from '../support/world.ts';

const BUCKET = 'evidence';
let engine: Started;
let s3: S3Client;
let direct: Direct;
let vault: S3Vault;
let world: TestWorld;
let app: TestApp;
beforeAll(async () => {
  engine = await startVersitygw();
  s3 = s3Client(versitygwAt(engine.url), true);
  await makeBucket(s3, BUCKET);
  direct = s3Direct(s3, BUCKET);
  vault = new S3Vault(s3, { bucket: BUCKET, random: Math.random, unique: randomUUID });
  world = await openWorld();
  app = appOf({ ...world, vault }, { direct });
}, 400_000);
afterAll(async () => {
  await world?.close();
  await engine?.stop();
});

const bytesOf = (length: number, fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(fill);
const LARGE = 5 * 1024 * 1024;

/** What went through the server, by path. */
class Seen extends Client {
  readonly sent: string[] = [];
  constructor() {
    super({ server: 'http://127.0.0.1:1', token: undefined });
  }
  override async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { byteLength = 0 } = init.body instanceof Uint8Array ? init.body : new Uint8Array();
    this.sent.push(`${init.method ?? 'GET'} ${path.replace(/sha256:[0-9a-f]+|[0-9a-f]{64}/, '…')} ${byteLength}`);
    return app.ask(path, { ...init, headers: { ...app.headersOf(PIPELINE).bearer, ...init.headers } });
  }
}

const blobs = (bytes: Uint8Array<ArrayBuffer>) => new Map([[digestOf(bytes), { kind: 'bytes' as const, bytes }]]);

async function put({ url, headers }: Offer, body: Uint8Array<ArrayBuffer>, less: string[] = []): Promise<number> {
  const kept = Object.entries(headers).filter(([name]) => !less.includes(name));
  return (await fetch(url, { method: 'PUT', headers: Object.fromEntries(kept), body })).status;
}

describe('R6 objects past the functions', () => {
  it('goes up and comes down past the server, and is what the vault holds', async () => {
    const bytes = bytesOf(LARGE, 7);
    const client = new Seen();
    expect(await client.upload(blobs(bytes), () => undefined)).toMatchObject({ ok: true });
    expect(client.sent).toEqual(['HEAD /blobs/… 0', 'POST /blobs/…/upload 0']);
    const key = blobKey(digestOf(bytes));
    expect(Buffer.compare((await vault.get(key)) ?? new Uint8Array(), bytes)).toBe(0);
    const { VersionId } = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(VersionId).toBeDefined();
    expect(Buffer.compare((await client.object(key)) ?? new Uint8Array(), bytes)).toBe(0);
    // A second pipeline that has the same bytes sends none.
    const again = new Seen();
    await again.upload(blobs(bytes), () => undefined);
    expect(again.sent).toEqual(['HEAD /blobs/… 0']);
  });

  it('small ones go through the server as before, and large ones too where there is no other way', async () => {
    const client = new Seen();
    await client.upload(blobs(bytesOf(1000, 8)), () => undefined);
    expect(client.sent).toEqual(['HEAD /blobs/… 0', 'PUT /blobs/… 1000']);
    const before = app;
    app = appOf(world);
    const embedded = new Seen();
    expect(await embedded.upload(blobs(bytesOf(LARGE, 9)), () => undefined)).toMatchObject({ ok: true });
    expect(embedded.sent).toEqual(['HEAD /blobs/… 0', 'POST /blobs/…/upload 0', `PUT /blobs/… ${LARGE}`]);
    app = before;
  });

  it.each([
    ['other bytes of that size', 1, (right: Uint8Array) => bytesOf(right.byteLength, 99), []],
    ['more bytes', 2, (right: Uint8Array) => bytesOf(right.byteLength + 1, 2), []],
    ['no word that nothing may be there yet', 3, (right: Uint8Array<ArrayBuffer>) => right, ['if-none-match']],
    ['no checksum', 4, (right: Uint8Array<ArrayBuffer>) => right, ['x-amz-checksum-sha256']],
  ])('the store refuses %s', async (_, fill, wrong, less) => {
    const right = bytesOf(2000, fill);
    const offer = await direct.upload(digestOf(right), right.byteLength);
    expect(await put(offer, wrong(right), less)).toBeGreaterThanOrEqual(400);
    expect(await vault.size(blobKey(digestOf(right)))).toBeUndefined();
    // The address was good all the while.
    expect(await put(offer, right)).toBe(200);
    expect(await put(offer, right)).toBe(412);
  });

  it('an address is for that object alone', async () => {
    const [right, other] = [bytesOf(2000, 5), bytesOf(2000, 6)];
    const { url, headers } = await direct.upload(digestOf(right), 2000);
    const moved = url.replace(digestOf(right).slice(7), digestOf(other).slice(7));
    expect(await put({ url: moved, headers }, right)).toBe(403);
    expect(await vault.size(blobKey(digestOf(other) as Digest))).toBeUndefined();
  });
});
