// R3 R13 R14 a few days of a bank, played on Object Lock, DynamoDB Local and KMS through the adapters, by several processes at once, with
// calls that fail and a deploy while a committee sits. `npm run simulate:aws` plays the month (docs/aws-costs.md has what it came to).
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import type { RequestId } from '../../functions/domain/request.ts';
import { seenLog, violations } from '../bench/aws/invariants.ts';
import { playMonth } from '../bench/aws/month.ts';

const PLAN = { lines: 2, days: 4, containers: 2, faultEvery: 150, deployEvery: 3, seed: 7 };

it('some days of a bank: whatever fails, every request has one event, no vote is lost, the log only grows', async () => {
  const month = await playMonth(PLAN, {
    afterwards: async (cloud, world, { requests, votes }) => {
      // The same look must find what is not so.
      const nobody = `req-${'a'.repeat(26)}` as RequestId;
      const [first = nobody] = requests;
      const lies = { requests: new Set([...requests, nobody]), votes: new Map([...votes, [first, new Set(['f'.repeat(64)])]]) };
      for await (const Key of world.vault.list('events/')) {
        await cloud.s3.send(new PutObjectCommand({ Bucket: cloud.bucket, Key, Body: 'another version' }));
        break;
      }
      const { size } = await seenLog(world);
      const log = [
        { size, root: 'another' },
        { size: size - 1, root: '' },
      ];
      const found = (await violations(cloud, world, lies, log)).join('\n');
      for (const part of [
        'hashMismatch events/',
        `${nobody} has 0 events`,
        'was answered and is not',
        'shrank',
        'had the root another',
        '2 versions',
      ])
        expect(found).toContain(part);
    },
  });
  expect(month.wrong).toEqual([]);
  expect(month.faults).toBeGreaterThan(0);
  expect(month.deploys).toBe(1);
  expect(month.votes).toBeGreaterThan(0);
  expect(Object.keys(month.outcomes)).toEqual(
    expect.arrayContaining(['automated approved', 'none refused', 'committee expired']),
  );
}, 400_000);
