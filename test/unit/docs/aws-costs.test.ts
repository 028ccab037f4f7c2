import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COSTS_PAGE, costsPage } from '../../../docs/aws-costs.ts';
import { billOf, costOf, totalOf } from '../../bench/aws/costs.ts';
import { counter, minus } from '../../bench/aws/counting.ts';
import { openMemoryWorld } from '../../support/sim/base.ts';

describe('docs/aws-costs.md', () => {
  it('has the requests that each path makes today; else look why there are more, and run `npx node docs/aws-costs.ts`', async () => {
    expect(readFileSync(COSTS_PAGE, 'utf8')).toBe(await costsPage());
  });

  it('counts what is billed: the put that was refused and the read after it, the units of each row', async () => {
    const count = counter();
    const world = await openMemoryWorld(count.seen);
    const before = { ...count.usage };
    const bytes = new TextEncoder().encode('twice');
    const key = `blobs/${'0'.repeat(64)}`;
    await world.vault.putOnce(key, bytes);
    await world.vault.putOnce(key, bytes);
    expect(minus(count.usage, before)).toMatchObject({ s3Put: 2, s3Get: 1, s3Objects: 1, s3Bytes: 5 });

    const rows = { ...count.usage };
    const body = 'x'.repeat(5 * 1024);
    await world.index.commit([{ kind: 'fact', key: { pk: 'TEST', sk: 'row' }, body }]);
    await world.index.get({ pk: 'TEST', sk: 'row' });
    // Journal's end and the row before the commit, the row after it: 1 + 1 + 2. Six KiB of a row twice, and the journal's note.
    expect(minus(count.usage, rows)).toMatchObject({ s3Put: 1, dynamoTransact: 1, commits: 1, readUnits: 4, writeUnits: 14 });
  });

  it('adds nothing that no request was made for', () => {
    const none = minus(counter().usage, counter().usage);
    const bill = billOf({ path: 'none', outcome: 'refused', votes: 0, usage: none }, none);
    const cost = costOf({ ...bill, sqsFifo: 0 }, 'us-east-1');
    // One CloudEvent is left.
    expect(totalOf(cost)).toBeCloseTo(1 / 1_000_000, 12);
  });
});
