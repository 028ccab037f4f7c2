import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Case, crashAndRecover, left, type Prepared, prepared } from '../support/faults-crash.ts';
import { dataFolder, inProcess } from '../support/faults-server.ts';
import { manifestAt, promote } from '../support/promote.ts';

// What `before` a step leaves is what `after` the one before it leaves, so one kill for each step is all of them.
const CASES: readonly Case[] = [
  { step: 'W1 request bytes', crashAt: 'after vault.putOnce blobs/ 1', left: left('none') },
  { step: 'W2 request row', crashAt: 'after index.commit request 1', left: left('received') },
  { step: 'W3 comparison', crashAt: 'after index.commit comparison 1', left: left('compared') },
  { step: 'W4 routing', crashAt: 'after index.commit routing 1', left: left('automated') },
  { step: 'W6 screen bytes', crashAt: 'after vault.putOnce blobs/ 6', left: left('automated') },
  { step: 'W7 screen row', crashAt: 'after index.commit screen 1', left: left('settling') },
  { step: 'W11 decision row', crashAt: 'after index.commit decision 1', left: left('decided') },
  { step: 'W12 signature', crashAt: 'after signer.sign * 1', left: left('decided') },
  { step: 'W13 envelope', crashAt: 'after vault.putOnce events/ 1', left: left('decided', 0, 0, 1) },
  { step: 'W14 seal row', crashAt: 'after index.commit seal 1', left: left('sealed', 0, 0, 1) },
  { step: 'W15 tree', crashAt: 'after index.commit tree 1', left: left('sealed', 0, 0, 1) },
  { step: 'W15 tile', crashAt: 'after vault.putOnce log/tile/ 1', left: left('sealed', 0, 0, 1) },
  { step: 'W15 checkpoint', crashAt: 'after vault.putOnce log/checkpoints/ 1', left: left('sealed', 0, 0, 1) },
  { step: 'W15 published', crashAt: 'after index.commit published 1', left: left('sealed', 0, 0, 1) },
];

let ready: Prepared;
beforeAll(async () => {
  const data = await dataFolder();
  const request = await inProcess(data, async (world) => {
    await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    return prepared(world, '2-v02.yaml');
  });
  ready = { data, request };
});
afterAll(() => inProcess(ready.data, (world) => world.close()));

// Side by side: each case has its own folder, address and process.
describe.concurrent('R3 R10 R22 kill -9 at each step of an automated promotion, then start again', { timeout: 90_000 }, () => {
  it.each(CASES)('$step: killed $crashAt', ({ crashAt, left }) => crashAndRecover(ready, [crashAt], left));

  it('before W2: the bytes are there and nobody knows of them', () =>
    crashAndRecover(ready, ['before index.commit request 1'], left('none')));

  it('killed three times on the way: at W3, while recovering at W12, and again at W13', () =>
    crashAndRecover(
      ready,
      ['before index.commit comparison 1', 'after signer.sign * 1', 'after vault.putOnce events/ 1'],
      left('received'),
    ));
});
