import { it } from 'vitest';
import { openBase } from './support/sim/base.ts';
import { simulate } from './support/sim/run.ts';
const story = {"seed":6,"servers":2,"wakes":2,"plan":{"writes":[[195,"crashAfter"],[81,"fail"],[324,"fail"],[124,"crashAfter"],[376,"twice"],[229,"crashAfter"],[164,"fail"],[147,"throttle"]],"reads":[[679,"crashBefore"],[1411,"fail"],[1160,"fail"],[592,"crashBefore"]]},"commands":[{"do":"suspend","on":0},{"do":"vote","which":2,"voter":1,"choice":4,"on":1},{"do":"suspend","on":2},{"do":"wait","hours":400},{"do":"vote","which":2,"voter":3,"choice":3,"on":0},{"do":"announce","template":2,"on":0},{"do":"vote","which":1,"voter":4,"choice":3,"on":1},{"do":"suspend","on":1},{"do":"vote","which":2,"voter":0,"choice":6,"on":2},{"do":"crash","on":2},{"do":"append","on":0},{"do":"vote","which":3,"voter":1,"choice":1,"on":2},{"do":"sweep","on":0},{"do":"vote","which":3,"voter":1,"choice":6,"on":0},{"do":"announce","template":2,"on":0}]};
it('m', async () => {
  const base = await openBase();
  for (let i = 0; i < 3; i++) console.log((await simulate(base, story as any)).violations);
}, 600000);
