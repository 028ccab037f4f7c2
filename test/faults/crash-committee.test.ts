import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Case, crashAndRecover, left, type Prepared, prepared } from '../support/faults-crash.ts';
import { dataFolder, inProcess } from '../support/faults-server.ts';

const CASES: readonly Case[] = [
  { step: 'W1 request bytes', crashAt: 'after vault.putOnce blobs/ 1', left: left('none') },
  { step: 'W2 request row', crashAt: 'after index.commit request 1', left: left('received') },
  { step: 'W3 comparison', crashAt: 'after index.commit comparison 1', left: left('compared') },
  { step: 'W4 routing', crashAt: 'after index.commit routing 1', left: left('needsRationale') },
  { step: 'W5 rationale', crashAt: 'after index.commit rationale 1', left: left('explained') },
  { step: 'W6 screen bytes', crashAt: 'after vault.putOnce blobs/ 8', left: left('explained') },
  { step: 'W7 screen row', crashAt: 'after index.commit screen 1', left: left('voting') },
  { step: 'W8 served', crashAt: 'after index.commit served# 1', left: left('voting') },
  { step: 'W9 last vote object', crashAt: 'after vault.putOnce votes/ 3', left: left('voting', 3, 2) },
  { step: 'W10 last vote row', crashAt: 'after index.commit vote# 3', left: left('voting', 3, 3) },
  { step: 'W11 decision row', crashAt: 'after index.commit decision 1', left: left('decided', 3, 3) },
  { step: 'W12 signature', crashAt: 'after signer.sign * 1', left: left('decided', 3, 3) },
  { step: 'W13 envelope', crashAt: 'after vault.putOnce events/ 1', left: left('decided', 3, 3, 1) },
  { step: 'W14 seal row', crashAt: 'after index.commit seal 1', left: left('sealed', 3, 3, 1) },
  // The entry stands and its rows do not: whoever opens the folder next writes them first.
  { step: 'J2 of the request', crashAt: 'before rows.commit request 1', left: left('received') },
  { step: 'J2 of the last vote', crashAt: 'before rows.commit vote# 3', left: left('voting', 3, 3) },
  { step: 'J2 of the decision', crashAt: 'before rows.commit decision 1', left: left('decided', 3, 3) },
  { step: 'J2 of the seal', crashAt: 'before rows.commit seal 1', left: left('sealed', 3, 3, 1) },
];

let ready: Prepared;
beforeAll(async () => {
  const data = await dataFolder();
  const request = await inProcess(data, (world) => prepared(world, '1-v01.yaml'));
  ready = { data, request };
});
afterAll(() => inProcess(ready.data, (world) => world.close()));

// Side by side: each case has its own folder, address and process.
describe.concurrent('R3 R10 R13 R22 kill -9 at each step of a committee promotion, then start again', {
  timeout: 90_000,
}, () => {
  it.each(CASES)('$step: killed $crashAt', ({ crashAt, left }) => crashAndRecover(ready, [crashAt], left));
});
