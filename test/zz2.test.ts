import fc from 'fast-check';
import { it } from 'vitest';
import { openBase } from './support/sim/base.ts';
import { simulate, STORY } from './support/sim/run.ts';
import { SAFEGUARDS } from './support/sim/safeguards.ts';
it('m', async () => {
  const base = await openBase();
  const stories = fc.sample(STORY, { seed: 7, numRuns: 60 });
  for (const [name, s] of Object.entries(SAFEGUARDS)) {
    const a = performance.now(); let found = '';
    for (const [i, story] of stories.entries()) {
      let o; try { o = await simulate(base, story, s); } catch (e) { o = { violations: ['THREW ' + (e as Error).message.slice(0,100)] }; }
      if (o.violations.length) { found = `${i}: ${o.violations[0]?.slice(0, 120)}`; break; }
    }
    console.log(name, '=>', found || 'NOT FOUND', (performance.now() - a).toFixed(0));
  }
}, 600000);
