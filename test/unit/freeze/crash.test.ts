import { expect, it } from 'vitest';
import { readPromotion } from '../../../functions/baseline.ts';
import { isAbsent } from '../../../functions/domain/event/statement.ts';
import type { Health } from '../../../functions/domain/health.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { sweep } from '../../../functions/drive.ts';
import { judge } from '../../../functions/gate/gate.ts';
import { watch } from '../../../functions/thaw.ts';
import { ledger, PLACE, twoVersions } from '../../support/brakes.ts';
import { trustIn } from '../../support/evidence.ts';
import { type Call, failing, leavesSomething, type Moment } from '../../support/faults.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';
import { intentFor, MINUTE, SIGNER, watched } from '../../support/frozen.ts';

async function recordsIn(world: FaultWorld): Promise<string[]> {
  const found: string[] = [];
  for await (const key of world.real.vault.list('records/')) found.push(key);
  return found;
}

it('R23 wherever a thaw breaks off: it stays frozen or is thawed, and the next look seals each intent once', async () => {
  const world = await openFaultWorld();
  const [v1, v2] = await twoVersions(world);
  const lines: unknown[] = [];
  const start = watched(world, lines);
  const at = world.clock.now();
  await start.health.note({ kind: 'freeze', at, reason: 'by hand' });
  const { model } = (await readPromotion(world.vault, v1)).promotion;
  if (isAbsent(model)) throw new Error('no model');
  const presented = { intent: intentFor(world, v1) };
  const question = { event: v1, root: model.root, manifest: model.manifest, ...PLACE, presented };
  expect(await judge(start, question, trustIn(world, { intents: [SIGNER] }))).toMatchObject({
    verdict: 'allow',
    code: 'INTENT',
  });
  await start.health.note({ kind: 'release', at, reason: 'done' });
  for (let turn = 0; turn < 2; turn++) {
    world.later(MINUTE);
    await watch(start, at);
  }
  const state = async (of: { health: { look: () => Promise<Health> } }) => (await of.health.look()).state;
  expect(await state(start)).toBe('FROZEN');
  const fork = (from: FaultWorld, notes: unknown[], hook?: Parameters<FaultWorld['copy']>[0]) => {
    const copy = watched(from.copy(hook), [...notes]);
    copy.later(10 * MINUTE);
    return copy;
  };
  const counting = failing(0, 'before');
  const whole = fork(world, lines, counting.hook);
  await watch(whole, at);
  expect(await state(whole)).toBe('HEALTHY');
  const wanted = (await ledger(whole)).entries.map(({ event }) => event);
  expect((await ledger(whole)).active).toBe(v1);
  const calls: Call[] = [...counting.calls];
  expect(calls.filter(leavesSomething).length).toBeGreaterThan(12);
  for (const moment of ['before', 'after'] as const satisfies Moment[]) {
    for (const [i, call] of calls.entries()) {
      if (!leavesSomething(call)) continue;
      const where = `${moment} ${i + 1} ${call.op} ${call.on}`;
      const broken = fork(world, lines, failing(i + 1, moment).hook);
      await watch(broken, at).catch((error) => expect(String(error)).toContain('injected'));
      const { active } = await ledger(broken);
      expect([where, [v1, v2].includes(active ?? v2)]).toEqual([where, true]);

      const next = watched(broken.copy(), [...broken.lines]);
      await sweep(next).catch(() => undefined);
      for (let turn = 0; turn < 4; turn++) {
        next.later(20 * MINUTE);
        await watch(next, at);
      }
      await sweep(next);
      expect([where, await state(next)]).toEqual([where, 'HEALTHY']);
      const after = await ledger(next);
      expect([where, after.entries.map(({ event }) => event), after.broken]).toEqual([where, wanted, null]);
      expect([where, await next.real.index.list(keys.unsealedPk)]).toEqual([where, []]);
      expect((await recordsIn(next)).length).toBeGreaterThanOrEqual((await recordsIn(whole)).length);
      expect([where, ...broken.lies, ...next.lies]).toEqual([where]);
    }
  }
}, 240_000);
