// Promotions of several functions at once through journal, S3 and DynamoDB, with faults at one call in ten. AWS_SEED plays one again:
// the fates come from the seed, the order of things from the engines, so that a seed comes near what happened and not more.
import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbClient, s3Client } from '../../functions/adapters/aws/clients.ts';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { rowOf } from '../../functions/adapters/aws/dynamodb-rows.ts';
import { S3Vault } from '../../functions/adapters/aws/s3-vault.ts';
import { journalled, journalWrites, replayJournal } from '../../functions/journal.ts';
import { ENGINES_COLD_MS, type Engines, startEngines } from '../support/aws/engines.ts';
import { type Fate, type FateOf, withFates } from '../support/aws/fates.ts';
import { factsOf, headOf, openOf, type Player, promoteOn, recordOf } from '../support/aws/promotions.ts';
import { makeBucket, makeTable } from '../support/aws/stores.ts';
import { MemoryIndex } from '../support/memory/index-rows.ts';
import { generator } from '../support/sim/turns.ts';

const SEED = Number(process.env['AWS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PLAYERS = 3;
const PROMOTIONS = 4;
const HEADS = 2;

let engines: Engines;
beforeAll(async () => {
  engines = await startEngines();
}, ENGINES_COLD_MS);
afterAll(() => engines.stop());

const READS: readonly Fate[] = ['before', 'broken', 'throttled'];
const WRITES: readonly Fate[] = ['before', 'lost', 'lost', 'broken', 'busy', 'throttled'];
const AT: Readonly<Record<string, readonly Fate[]>> = { PutObject: [...WRITES, 'exists'], TransactWriteItems: WRITES };

/** One call in ten; counted, so that a run in which nothing went wrong is no proof. */
function fatesOf(seed: number, seen: Map<Fate, number>): FateOf {
  const draw = generator(seed);
  return (command) => {
    if (draw(10) > 0) return 'well';
    const fates = AT[command] ?? READS;
    const fate = fates[draw(fates.length)] ?? 'well';
    seen.set(fate, (seen.get(fate) ?? 0) + 1);
    return fate;
  };
}

describe('promotions on AWS, with faults', () => {
  it(`R13 R14 nothing is lost, nothing is there twice, and a conflict is only ever real (seed ${SEED})`, async () => {
    const { places } = engines;
    const bucket = await makeBucket(s3Client(places.versitygw, true), 'promotions');
    const table = await makeTable(dynamoDbClient(places.dynamodb), 'promotions');
    const seen = new Map<Fate, number>();
    const jitter = generator(SEED);
    const settings = { random: () => jitter(1000) / 1000, unique: () => randomUUID(), firstMs: 5 };
    const storesOf = (fateOf: FateOf) => {
      // Two attempts, so that the SDK gives up often enough and the layers above it are tried as well.
      const s3 = withFates(s3Client({ ...places.versitygw, maxAttempts: 2 }, true), fateOf);
      const dynamodb = withFates(dynamoDbClient({ ...places.dynamodb, maxAttempts: 2 }), fateOf, { forgetful: true });
      const vault = new S3Vault(s3, { ...settings, bucket });
      return { vault, index: journalled(vault, new DynamoDbIndex(dynamodb, { ...settings, table })) };
    };

    const play = async (n: number) => {
      const player: Player = { name: `player ${n}`, ...storesOf(fatesOf(SEED + n, seen)) };
      for (let i = 0; i < PROMOTIONS; i++) await promoteOn(player, `${n}-${i}`, headOf((n + i) % HEADS));
    };
    await Promise.all(Array.from({ length: PLAYERS }, (_, n) => play(n)));

    const calm = storesOf(() => 'well');
    await calm.index.catchUp();
    const ids = Array.from({ length: PLAYERS * PROMOTIONS }, (_, i) => `${Math.floor(i / PROMOTIONS)}-${i % PROMOTIONS}`);
    const nameOf = ({ pk, sk }: { pk: string; sk: string }) => `${pk} / ${sk}`;

    const written: string[] = [];
    for await (const write of journalWrites(calm.vault)) if (write.kind === 'fact') written.push(nameOf(write.key));
    expect(written.sort()).toEqual(ids.flatMap(factsOf).map(nameOf).sort());

    const heads = await Promise.all(Array.from({ length: HEADS }, (_, n) => calm.index.get(headOf(n))));
    const promoted = heads.flatMap((head) => (head?.body as { promotions: string[] } | undefined)?.promotions ?? []);
    expect(promoted.sort()).toEqual(ids);
    expect(heads.reduce((sum, head) => sum + (head?.revision ?? 0), 0)).toBe(ids.length);
    for (const id of ids) {
      expect(await calm.index.get(openOf(id))).toBeUndefined();
      expect(await calm.vault.get(recordOf(id).key)).toEqual(recordOf(id).bytes);
    }

    const again = new MemoryIndex();
    await replayJournal(calm.vault, again, () => undefined);
    const { Items = [] } = await dynamoDbClient(places.dynamodb).send(
      new ScanCommand({ TableName: table, ConsistentRead: true }),
    );
    const inOrder = (rows: Iterable<{ key: { pk: string; sk: string } }>) =>
      [...rows].sort((a, b) => (nameOf(a.key) < nameOf(b.key) ? -1 : 1));
    expect(inOrder(Items.map(rowOf))).toEqual(inOrder(again.rows()));
    for await (const { key, versions } of calm.vault.versionsOf('')) expect.fail(`${key} has ${versions.length} versions`);

    const told = [...seen].map(([fate, count]) => `${count} ${fate}`).join(', ');
    process.stdout.write(`promotions on AWS: seed ${SEED}, ${ids.length} promotions of ${PLAYERS} at once; ${told}\n`);
    for (const fate of ['before', 'lost', 'broken'] as const) expect(seen.get(fate) ?? 0).toBeGreaterThan(0);
  });
});
