import fc from 'fast-check';
import { it } from 'vitest';
import { openBase } from './support/sim/base.ts';
import { simulate, STORY } from './support/sim/run.ts';
it('m', async () => {
  const base = await openBase();
  const total = new Map<string, number>(); let bad = 0; let turns = 0; const a = performance.now(); const kinds = new Map<string, number>();
  const stories = fc.sample(STORY, { seed: Number(process.env.S ?? 1), numRuns: Number(process.env.N ?? 10) });
  for (const [i, story] of stories.entries()) {
    const o = await simulate(base, story);
    turns += o.turns;
    for (const [k, n] of o.counts) total.set(k, (total.get(k) ?? 0) + n);
    for (const v of o.violations) { const k = v.replace(/req-\w+|sha256:\w+|[0-9a-f]{20,}/g, '…').slice(0, 160); kinds.set(k, (kinds.get(k) ?? 0) + 1); }
    if (o.violations.length && bad++ < 2) console.log(i, JSON.stringify(story), o.violations);
  }
  console.log('bad', bad, 'of', stories.length, 'turns', turns, (performance.now() - a).toFixed(0), JSON.stringify([...total]), JSON.stringify([...kinds], null, 1));
}, 600000);
