import fc from 'fast-check';
import { it } from 'vitest';
import { openBase } from './support/sim/base.ts';
import { simulate, STORY } from './support/sim/run.ts';
it('m', async () => {
  let a = performance.now();
  const base = await openBase();
  console.log('base', performance.now() - a);
  for (const story of fc.sample(STORY, { seed: Number(process.env.S ?? 1), numRuns: Number(process.env.N ?? 10) })) {
    a = performance.now();
    const o = await simulate(base, story);
    console.log((performance.now() - a).toFixed(0), story.servers, story.commands.length, o.turns, JSON.stringify([...o.counts]), o.violations);
  }
}, 600000);
