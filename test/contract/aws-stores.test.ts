// What the stores on AWS promise beyond the laws that all adapters share: what Object Lock refuses, what lies under a delete marker,
// what is too large, and the private table, of which nothing is evidence.
import { randomUUID } from 'node:crypto';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbClient, s3Client } from '../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { dynamoDbErasable, dynamoDbSessions, dynamoDbTokens } from '../../functions/adapters/aws/dynamodb-private.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { sha256 } from '../../functions/domain/crypto.ts';
import { digestOf } from '../../functions/domain/digest.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { instantOf } from '../../functions/domain/text.ts';
import { journalKey } from '../../functions/domain/vault-keys.ts';
import { journalled } from '../../functions/journal.ts';
import type { Write } from '../../functions/ports.ts';
import { ENGINES_COLD_MS, type Engines, startEngines } from '../support/aws/engines.ts';
import { makeBucket, makeTable } from '../support/aws/stores.ts';
import { listed } from './vault.ts';

const SET_RIGHT_FIRST = { name: 'InfrastructureError', retryable: false };
const settings = { random: Math.random, unique: () => randomUUID() };
const bytes = (text: string) => new TextEncoder().encode(text);
const key = (n: number) => `blobs/${n.toString(16).padStart(64, '0')}`;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
}, ENGINES_COLD_MS);
afterAll(() => engines.stop());

const s3 = {
  versitygw: () => s3Client(engines.places.versitygw, true),
  MiniStack: () => s3Client(engines.places.ministack, true),
};
let made = 0;
const opened = async (engine: keyof typeof s3) => {
  const client = s3[engine]();
  const bucket = await makeBucket(client, `evidence-${++made}`);
  return { client, bucket, vault: new S3Vault(client, { ...settings, bucket }) };
};

const FORBIDDEN = { $metadata: { httpStatusCode: 403 } };

async function stored(engine: keyof typeof s3) {
  const { client, bucket: Bucket, vault } = await opened(engine);
  await vault.putOnce(key(1), bytes('evidence'));
  const at = { Bucket, Key: key(1) };
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return { client, vault, at, version: { ...at, VersionId: Versions[0]?.VersionId } };
}

describe('what was stored under Object Lock', () => {
  it.each(['versitygw', 'MiniStack'] as const)(
    'R14a its version cannot be deleted, and no second put takes its key (%s)',
    async (engine) => {
      const { client, vault, at, version } = await stored(engine);
      for (const BypassGovernanceRetention of [false, true])
        await expect(client.send(new DeleteObjectCommand({ ...version, BypassGovernanceRetention }))).rejects.toMatchObject(
          FORBIDDEN,
        );
      const again = client.send(new PutObjectCommand({ ...at, Body: bytes('other'), IfNoneMatch: '*' }));
      await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
      expect(await vault.get(key(1))).toEqual(bytes('evidence'));
    },
  );

  // As in AWS. versitygw keeps a default retention too, but asks the bucket for it each time and writes none to the version.
  it('R14a carries the retention of its bucket, which nobody sent (MiniStack)', async () => {
    const { client, version } = await stored('MiniStack');
    const { Retention } = await client.send(new GetObjectRetentionCommand(version));
    expect(Retention?.Mode).toBe('COMPLIANCE');
    expect(Retention?.RetainUntilDate?.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  });

  it('R14a its retention can be made longer, never shorter and never weaker (versitygw)', async () => {
    const { client, version } = await stored('versitygw');
    const until = Date.now() + 48 * 3_600_000;
    const retained = (Mode: 'COMPLIANCE' | 'GOVERNANCE', at: number) =>
      client.send(new PutObjectRetentionCommand({ ...version, Retention: { Mode, RetainUntilDate: new Date(at) } }));
    await retained('COMPLIANCE', until);
    await expect(retained('COMPLIANCE', until - 1_000)).rejects.toMatchObject(FORBIDDEN);
    await expect(retained('GOVERNANCE', until)).rejects.toMatchObject(FORBIDDEN);
    await retained('COMPLIANCE', until + 1_000);
  });

  it('bytes whose checksum is another are not taken', async () => {
    const { client, bucket: Bucket } = await opened('versitygw');
    const put = { Bucket, Key: key(1), Body: bytes('evidence'), ChecksumSHA256: Buffer.alloc(32).toString('base64') };
    await expect(client.send(new PutObjectCommand(put))).rejects.toMatchObject({ name: 'BadDigest' });
  });
});

describe.each(['versitygw', 'MiniStack'] as const)('a key that somebody hid with a delete marker (%s)', (engine) => {
  it('reads, lists and is taken as before, and the audit is told', async () => {
    const { client, bucket: Bucket, vault } = await opened(engine);
    await vault.putOnce(key(1), bytes('evidence'));
    await vault.putOnce(key(2), bytes('beside'));
    await client.send(new DeleteObjectCommand({ Bucket, Key: key(1) }));
    expect(await vault.get(key(1))).toEqual(bytes('evidence'));
    expect(await vault.size(key(1))).toBe(8);
    expect(await listed(vault, 'blobs/')).toEqual([key(1), key(2)]);
    const found = [];
    for await (const one of vault.versionsOf('')) found.push(one);
    expect(found).toMatchObject([{ key: key(1), versions: [{ size: 8 }], markers: 1 }]);
  });

  it('a second version of a key is found, with the first one still there', async () => {
    const { client, bucket: Bucket, vault } = await opened(engine);
    await vault.putOnce(key(1), bytes('evidence'));
    await client.send(new PutObjectCommand({ Bucket, Key: key(1), Body: bytes('a forged one'), ChecksumAlgorithm: 'SHA256' }));
    const found = [];
    for await (const one of vault.versionsOf('blobs/')) found.push(one);
    expect(found.map(({ versions }) => versions.map(({ size }) => size))).toEqual([[12, 8]]);
  });
});

it('LAW 6 a listing goes on over its pages, each key once, versions and markers between them', async () => {
  const { client, bucket: Bucket, vault } = await opened('versitygw');
  const keys = Array.from({ length: 12 }, (_, i) => key(i + 1));
  for (const one of keys) await vault.putOnce(one, bytes(one));
  await client.send(new DeleteObjectCommand({ Bucket, Key: key(4) }));
  const short = (next: (args: { input: object }) => Promise<unknown>) => (args: { input: object }) =>
    next('Prefix' in args.input ? { ...args, input: { ...args.input, MaxKeys: 2 } } : args);
  client.middlewareStack.add(short as never, { step: 'initialize' });
  expect(await listed(vault, 'blobs/')).toEqual(keys);
  const found = [];
  for await (const one of vault.versionsOf('blobs/')) found.push([one.key, one.versions.length, one.markers]);
  expect(found).toEqual([[key(4), 1, 1]]);
});

describe('the index on DynamoDB', () => {
  const index = async () => {
    const client = dynamoDbClient(engines.places.dynamodb);
    const table = await makeTable(client, `index-${++made}`);
    return { client, table, rows: new DynamoDbIndex(client, { ...settings, table }) };
  };
  const facts = (n: number, body: unknown): Write[] =>
    Array.from({ length: n }, (_, i) => ({ kind: 'fact', key: { pk: 'MANY', sk: String(i).padStart(4, '0') }, body }));

  it('LAW 5 lists a partition of several pages', async () => {
    const { rows } = await index();
    // DynamoDB ends a page at 1 MB.
    for (let i = 0; i < 8; i++)
      await rows.commit([{ kind: 'fact', key: { pk: 'P', sk: `${i}` }, body: { i, filler: 'x'.repeat(300_000) } }]);
    expect((await rows.list('P')).map(({ body }) => (body as { i: number }).i)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('LAW 1 commits 100 rows at once', async () => {
    const { rows } = await index();
    expect(await rows.commit(facts(100, 1))).toEqual({ kind: 'committed' });
    expect(await rows.list('MANY')).toHaveLength(100);
  });

  it.each<[string, readonly Write[], string]>([
    ['101 rows', facts(101, 1), '10[12] rows'],
    ['a row of more than 400 KB', facts(1, 'ü'.repeat(205_000)), '400 KB|409600'],
    ['more than 4 MB together', facts(14, 'x'.repeat(305_000)), '4194304'],
    ['a sort key of more than 1 KB', [{ kind: 'fact', key: { pk: 'P', sk: 'x'.repeat(1025) }, body: 1 }], 'no key'],
    ['an empty key', [{ kind: 'fact', key: { pk: 'P', sk: '' }, body: 1 }], 'no key'],
  ])('%s can never be written: said in a sentence, before the journal takes the entry', async (_, writes, said) => {
    const { rows } = await index();
    const { vault } = await opened('versitygw');
    const behind = journalled(vault, rows);
    const sentence = { ...SET_RIGHT_FIRST, message: expect.stringMatching(said) };
    await expect(rows.commit(writes)).rejects.toMatchObject(sentence);
    await expect(behind.commit(writes)).rejects.toMatchObject(SET_RIGHT_FIRST);
    expect(await vault.get(journalKey(1))).toBeUndefined();
    expect(await behind.commit([{ kind: 'fact', key: { pk: 'P', sk: 'small' }, body: 1 }])).toEqual({ kind: 'committed' });
  });

  it('what just fits is taken by DynamoDB too', async () => {
    const { rows } = await index();
    // Keys of one byte each, two quotes, and what is counted for the names.
    const filling = (size: number) => 'x'.repeat(size - 204);
    const sizes = [...Array.from({ length: 10 }, () => 409_600), 4_194_304 - 4_096_000];
    const writes = sizes.map((size, i): Write => ({ kind: 'fact', key: { pk: 'P', sk: i.toString(16) }, body: filling(size) }));
    expect(await rows.commit(writes)).toEqual({ kind: 'committed' });
    await expect(rows.commit([{ kind: 'fact', key: { pk: 'P', sk: 'z' }, body: filling(409_601) }])).rejects.toMatchObject(
      SET_RIGHT_FIRST,
    );
  });

  it('a row that somebody wrote past us is damage that is named, not a crash', async () => {
    const { client, table, rows } = await index();
    const Item = { pk: { S: 'P' }, sk: { S: 's' }, body: { S: '{"half' }, revision: { N: '0' } };
    await client.send(new PutItemCommand({ TableName: table, Item }));
    for (const asked of [() => rows.get({ pk: 'P', sk: 's' }), () => rows.list('P')])
      await expect(asked()).rejects.toMatchObject({ ...SET_RIGHT_FIRST, message: expect.stringContaining('P / s') });
  });

  it('its own note counts: behind the journal 100 rows are one too many', async () => {
    const { rows } = await index();
    const { vault } = await opened('versitygw');
    await expect(journalled(vault, rows).commit(facts(100, 1))).rejects.toMatchObject(SET_RIGHT_FIRST);
    expect(await journalled(vault, rows).commit(facts(99, 1))).toEqual({ kind: 'committed' });
  });
});

describe.each(['dynamodb', 'ministack'] as const)('the private table (%s)', (engine) => {
  const seconds = 1_000;
  const clock = { now: () => instantOf(seconds * 1000) };
  const hidden = async () => {
    const client = dynamoDbClient(engines.places[engine]);
    return { client, table: await makeTable(client, `private-${++made}`) };
  };
  const id = digestOf('id');
  const request = `req-${'a'.repeat(26)}` as RequestId;

  it('what is too large for it is said in a sentence', async () => {
    const table = await hidden();
    await expect(dynamoDbSessions(table, clock).put(id, 'x'.repeat(70_000), seconds + 1)).rejects.toMatchObject(
      SET_RIGHT_FIRST,
    );
    await expect(dynamoDbErasable(table).keep(id, 'x'.repeat(400_000))).rejects.toMatchObject(SET_RIGHT_FIRST);
  });

  it('of a request the last token waits, and clearing an older one leaves it', async () => {
    const table = await hidden();
    const tokens = dynamoDbTokens(table, clock);
    await tokens.put(request, 'first');
    await tokens.put(request, 'second');
    await tokens.clear(request, 'first');
    expect(await tokens.get(request)).toBe('second');
    const Key = { pk: { S: `TOKEN#${request}` }, sk: { S: 'token' } };
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.table, Key }));
    expect(Number(Item?.['expires']?.N)).toBeGreaterThan(seconds);
    await tokens.clear(request, 'second');
    expect(await tokens.get(request)).toBeUndefined();
  });

  it('a mark is taken once', async () => {
    const tokens = dynamoDbTokens(await hidden(), clock);
    await tokens.mark(request);
    await tokens.mark(request);
    expect([await tokens.takeMark(request), await tokens.takeMark(request)]).toEqual([true, false]);
  });
});

describe('what is sent', () => {
  type Sent = { readonly command: string; readonly input: Readonly<Record<string, unknown>> };
  type Listening = { readonly middlewareStack: { add(middleware: never, options: never): void } };

  /** Engines are consistent and take whatever they are sent, so that what AWS would do with it is only seen here. */
  function sentBy<C extends Listening>(client: C): { client: C; sent: Sent[] } {
    const sent: Sent[] = [];
    const noting =
      (next: (args: Pick<Sent, 'input'>) => unknown, { commandName = '' }) =>
      (args: Pick<Sent, 'input'>) => {
        sent.push({ command: commandName.replace(/Command$/, ''), input: args.input });
        return next(args);
      };
    client.middlewareStack.add(noting as never, { step: 'initialize' } as never);
    return { client, sent };
  }

  it('R14 the vault: one put without parts, only where nothing is, with its SHA-256; nothing about retention, nothing deleted', async () => {
    const { bucket } = await opened('versitygw');
    const { client, sent } = sentBy(s3.versitygw());
    const vault = new S3Vault(client, { ...settings, bucket });
    await vault.putOnce(key(1), new Uint8Array(12_000_000));
    await vault.putOnce(key(1), bytes('other'));
    await Promise.all([vault.get(key(2)), vault.size(key(2)), listed(vault, 'blobs/')]);
    const commands = new Set(sent.map(({ command }) => command));
    expect([...commands].sort()).toEqual(['GetObject', 'HeadObject', 'ListObjectVersions', 'PutObject']);
    const puts = sent.filter(({ command }) => command === 'PutObject').map(({ input }) => input);
    for (const input of puts) {
      expect(input['IfNoneMatch']).toBe('*');
      const sum = Buffer.from(sha256(input['Body'] as Uint8Array)).toString('base64');
      expect(input['ChecksumSHA256']).toBe(sum);
      const known = ['Body', 'Bucket', 'ChecksumSHA256', 'IfNoneMatch', 'Key', 'Metadata'];
      expect(Object.keys(input).sort()).toEqual(known);
    }
  });

  it('R13 the index: each read is consistent, each write stands in a transaction under a condition', async () => {
    const { client, sent } = sentBy(dynamoDbClient(engines.places.dynamodb));
    const table = await makeTable(client, `index-${++made}`);
    const rows = new DynamoDbIndex(client, { ...settings, table });
    const at = (sk: string) => ({ pk: 'P', sk });
    await rows.commit([
      { kind: 'fact', key: at('fact'), body: 1 },
      { kind: 'register', key: at('register'), body: 1, expected: 'absent' },
    ]);
    await rows.commit([{ kind: 'register', key: at('register'), body: 2, expected: 1 }]);
    await rows.commit([{ kind: 'clear', key: at('register'), expected: 2 }]);
    await rows.commit([{ kind: 'fact', key: at('fact'), body: 2 }]);
    await Promise.all([rows.get(at('fact')), rows.list('P'), rows.list('P', 'f')]);
    const own = sent.filter(({ command }) => command !== 'CreateTable');
    expect([...new Set(own.map(({ command }) => command))].sort()).toEqual(['GetItem', 'Query', 'TransactWriteItems']);
    for (const { command, input } of own) {
      if (command !== 'TransactWriteItems') expect(input['ConsistentRead'], command).toBe(true);
      else
        for (const item of input['TransactItems'] as Record<string, { ConditionExpression?: string }>[])
          for (const write of Object.values(item))
            expect(write.ConditionExpression).toMatch(/attribute_not_exists|revision = /);
    }
  });
});
