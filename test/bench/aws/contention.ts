// How many commits a second one journal takes when several processes write at once. Stores in memory, each call as late as
// docs/aws-prices.json states; so what is measured is the protocol, not an engine. Prints a line for each number of writers.
import { setTimeout as sleep } from 'node:timers/promises';
import { journalled } from '../../../functions/journal.ts';
import type { Index, Vault } from '../../../functions/ports.ts';
import { MemoryIndex } from '../../support/memory/index-rows.ts';
import { memoryVault } from '../../support/memory/vault.ts';
import { ASSUMED } from './costs.ts';

const { dynamoGet, dynamoTransact, s3Put, s3Get } = ASSUMED.milliseconds;
const SECONDS = 8;
/** Rows of a usual transaction, its note aside. */
const ROWS = 3;

async function late<T>(ms: number, call: () => Promise<T>): Promise<T> {
  await sleep(ms);
  return call();
}

let puts = 0;

function writer(vault: Vault, rows: Index) {
  const far: Pick<Vault, 'get' | 'putOnce'> = {
    // Refused, S3 is asked for what is there.
    putOnce: async (key, bytes) => {
      puts++;
      const put = await late(s3Put, () => vault.putOnce(key, bytes));
      if (put.kind === 'already') await sleep(s3Get);
      return put;
    },
    get: (key) => late(s3Get, () => vault.get(key)),
  };
  const table: Index = {
    get: (key) => late(dynamoGet, () => rows.get(key)),
    list: (pk, prefix) => late(dynamoGet, () => rows.list(pk, prefix)),
    commit: (writes) => late(dynamoTransact, () => rows.commit(writes)),
  };
  return journalled(far, table);
}

async function measured(writers: number): Promise<string> {
  puts = 0;
  const [vault, rows] = [memoryVault(), new MemoryIndex()];
  const until = performance.now() + SECONDS * 1000;
  let done = 0;
  const write = async (of: number): Promise<void> => {
    const journal = writer(vault, rows);
    for (let n = 0; performance.now() < until; n++) {
      const keys = Array.from({ length: ROWS }, (_, i) => ({ pk: `WRITER#${of}`, sk: `${n}#${i}` }));
      const { kind } = await journal.commit(keys.map((key) => ({ kind: 'fact', key, body: 'x' })));
      if (kind !== 'committed') throw new Error('rows of one writer stand in nobody’s way');
      done++;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, of) => write(of)));
  return `${(done / SECONDS).toFixed(1)} commits a second, ${(puts / done).toFixed(1)} PUT for each`;
}

const alone = 1000 / (2 * dynamoGet + s3Put + dynamoTransact);
process.stdout.write(`by the sum of the delays: ${alone.toFixed(1)} commits a second\n`);
for (const writers of [1, 2, 4, 8, 16]) process.stdout.write(`${writers} at once: ${await measured(writers)}\n`);
