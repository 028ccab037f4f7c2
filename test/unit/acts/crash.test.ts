import { expect, it } from 'vitest';
import { readAct } from '../../../functions/acts/seal.ts';
import type { Digest } from '../../../functions/domain/digest.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { sweep } from '../../../functions/drive.ts';
import { readHead } from '../../../functions/store.ts';
import { value } from '../../support/activation.ts';
import { consent, proposed } from '../../support/acts.ts';
import { type Call, failing, leavesSomething, type Moment } from '../../support/faults.ts';
import type { FaultWorld } from '../../support/faults-world.ts';
import { LEAD, STAGED } from '../../support/staged-line.ts';

async function callsOf(world: FaultWorld, id: Digest): Promise<Call[]> {
  const counting = failing(0, 'before');
  value(await consent(world.copy(counting.hook), id, LEAD));
  return counting.calls;
}

async function recordsOf(world: FaultWorld): Promise<number> {
  let found = 0;
  for await (const key of world.real.vault.list('records/')) if (key) found++;
  return found;
}

it('R65 wherever the last approval breaks off: nothing half, one event, and the next sweep or click finishes it', async () => {
  const { world, id, from } = await proposed();
  const calls = await callsOf(world, id);
  const records = await recordsOf(world);
  const whole = world.copy();
  const { event: only } = value(await consent(whole, id, LEAD));
  expect(calls.filter(leavesSomething).length).toBeGreaterThan(5);
  for (const moment of ['before', 'after'] as const satisfies Moment[]) {
    for (const [i, call] of calls.entries()) {
      const where = `${moment} ${i + 1} ${call.op} ${call.on}`;
      const broken = world.copy(failing(i + 1, moment).hook);
      await expect(consent(broken, id, LEAD), where).rejects.toThrow('injected');
      const { head } = await readHead(broken.real.index, STAGED, 'staging');
      const ended = await broken.real.index.get(keys.archived(from));
      // The head is emptied in the commit that seals, and in no other.
      expect([where, head.incumbent]).toEqual([where, ended ? null : from]);

      const next = broken.copy();
      await sweep(next);
      // The clock stands still here, so whatever broke off, the same bytes are sealed.
      expect([where, value(await consent(next, id, LEAD)).event]).toEqual([where, only]);
      expect([where, (await readHead(next.real.index, STAGED, 'staging')).head.incumbent]).toEqual([where, null]);
      expect([where, await recordsOf(next), await next.real.index.list('ACTING')]).toEqual([where, records + 1, []]);
      expect([where, ...broken.lies, ...next.lies]).toEqual([where]);
    }
  }
}, 120_000);

it('R65 an edited row seals nothing: fewer approvals than line and tier demand', async () => {
  const { world, id, from } = await proposed();
  const file = await readAct(world, id);
  const { head, revision } = await readHead(world.index, STAGED, 'staging');
  await world.index.commit([
    {
      kind: 'fact',
      key: keys.act(id, 'decision'),
      body: { consents: file?.consents.map((one) => one.digest), at: world.clock.now() },
    },
    { kind: 'register', key: keys.head(STAGED, 'staging'), body: { ...head, reservedBy: id }, expected: revision },
  ]);
  await expect(sweep(world)).rejects.toThrow('1 ai-governance-lead missing; it is not sealed');
  expect(await world.index.get(keys.archived(from))).toBeUndefined();
});
