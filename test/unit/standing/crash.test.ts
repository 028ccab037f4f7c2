import { expect, it } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { reportDrift } from '../../../functions/drift.ts';
import { sweep } from '../../../functions/drive.ts';
import { standingHashes, standingOf } from '../../../functions/standing.ts';
import { type Call, failing, type Moment } from '../../support/faults.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';
import { manifestAt, promote } from '../../support/promote.ts';
import { driftReport, MONITOR, PLACE, STEPS, say } from '../../support/standing.ts';

type Act = { readonly name: string; readonly act: (world: FaultWorld) => Promise<unknown> };

const standsIn = async (world: FaultWorld) => standingHashes(await standingOf(world, PLACE.line, PLACE.environment));
const unsealed = async (world: FaultWorld) => (await world.real.index.list(keys.unsealedPk)).length;

async function acts(world: FaultWorld): Promise<Act[]> {
  const body = canonicalBytes(await driftReport(world));
  return [
    { name: 'driftFinding', act: (at) => reportDrift(at, body, MONITOR) },
    { name: 'suspension', act: (at) => say(at, 'suspended') },
  ];
}

it('R38 R13 wherever a record breaks off: nothing half, the next sweep or the same act again finishes it, one record', async () => {
  const world = await openFaultWorld();
  await promote(world, await manifestAt(STEPS[0] ?? ''));
  for (const { name, act } of await acts(world)) {
    const counting = failing(0, 'before');
    const whole = world.copy(counting.hook);
    expect(await act(whole)).toMatchObject({ ok: true });
    const acted: Call[] = [...counting.calls];
    const [wanted] = await standsIn(whole);
    expect(acted.filter(({ op }) => op === 'index.commit').length).toBe(2);
    for (const moment of ['before', 'after'] as const satisfies Moment[]) {
      for (const [i, call] of acted.entries()) {
        const where = `${name} ${moment} ${i + 1} ${call.op} ${call.on}`;
        const broken = world.copy(failing(i + 1, moment).hook);
        await expect(act(broken), where).rejects.toThrow('injected');
        const frozen = (await unsealed(broken)) > 0;

        const swept = broken.copy();
        await sweep(swept);
        // Frozen is as good as sealed: the sweep needs nobody to ask again.
        if (frozen) expect([where, await standsIn(swept)]).toEqual([where, [wanted]]);
        const next = swept.copy();
        expect([where, await act(next)]).toMatchObject([where, { ok: true }]);
        expect([where, await standsIn(next), await unsealed(next)]).toEqual([where, [wanted], 0]);
        expect([where, ...broken.lies, ...swept.lies, ...next.lies]).toEqual([where]);
      }
    }
  }
}, 120_000);
