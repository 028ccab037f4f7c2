import { expect, it } from 'vitest';
import { activeOf, confirm, propose } from '../../../functions/activation.ts';
import { Confirmation } from '../../../functions/domain/activation.ts';
import { ActivationRow, keys, SuccessorRow } from '../../../functions/domain/rows.ts';
import { sweep } from '../../../functions/drive.ts';
import { readSaid } from '../../../functions/store.ts';
import { codes, type Desk, deskOf, FRANK, GRACE, HEIDI, termsFor, uploaded, value } from '../../support/activation.ts';
import { type Call, failing, leavesSomething, type Moment } from '../../support/faults.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';

const withTrust = (world: FaultWorld, { releases }: Desk): Desk & FaultWorld => Object.assign(world, { releases });

const activeIn = async (world: FaultWorld) => {
  const active = await activeOf(world.real.index);
  if (active === undefined) throw new Error('nothing is active');
  return active.row;
};

async function prepared() {
  const world = await openFaultWorld();
  const desk = deskOf(world);
  const pack = await uploaded(desk);
  const id = value(await propose(desk, termsFor(pack), FRANK));
  return { world, desk, pack, id, before: await activeIn(world) };
}

const activationsOf = async (world: FaultWorld) =>
  (await world.real.index.list(keys.activation.pk, 'activated#')).map((row) => ActivationRow.parse(row.body));

async function callsOfConfirm({ world, desk, id }: Awaited<ReturnType<typeof prepared>>): Promise<Call[]> {
  const counting = failing(0, 'before');
  value(await confirm(withTrust(world.copy(counting.hook), desk), id, GRACE));
  return counting.calls;
}

it('R35 wherever a confirmation breaks off: nothing half, no second event, and the next sweep or click finishes it', async () => {
  const start = await prepared();
  const { world, desk, id, pack, before } = start;
  const calls = await callsOfConfirm(start);
  expect(calls.filter(leavesSomething).length).toBeGreaterThan(4);
  for (const moment of ['before', 'after'] as const satisfies Moment[]) {
    for (const [i, call] of calls.entries()) {
      const where = `${moment} ${i + 1} ${call.op} ${call.on}`;
      const broken = withTrust(world.copy(failing(i + 1, moment).hook, 1), desk);
      await expect(confirm(broken, id, GRACE), where).rejects.toThrow('injected');
      const left = await activeIn(broken);
      // The register moves in the commit that seals, and in no other.
      expect([where, (await activationsOf(broken)).length]).toEqual([where, left.event === before.event ? 1 : 2]);

      const next = withTrust(broken.copy(undefined, 1), desk);
      await sweep(next);
      const event = value(await confirm(next, id, GRACE));
      expect([where, await activeIn(next)]).toMatchObject([where, { pack, event }]);
      expect([where, (await activationsOf(next)).length]).toEqual([where, 2]);
      expect([where, ...broken.lies, ...next.lies]).toEqual([where]);
    }
  }
}, 120_000);

it('R35 what was confirmed before the crash is what is sealed after it: person and time', async () => {
  const { world, desk, id, before } = await prepared();
  const calls = await callsOfConfirm({ world, desk, id, before, pack: before.pack });
  const k = calls.findIndex(({ op, on }) => op === 'index.commit' && on.some((sk) => sk.startsWith('after#'))) + 1;
  const broken = withTrust(world.copy(failing(k, 'after').hook), desk);
  await expect(confirm(broken, id, GRACE)).rejects.toThrow('injected');

  const next = withTrust(broken.copy(), desk);
  next.later(3_600_000);
  expect(codes(await confirm(next, id, HEIDI))).toEqual(['OTHER_ANSWER_STORED ']);
  await sweep(next);
  const row = SuccessorRow.parse((await next.real.index.get(keys.successor(before.event)))?.body);
  const said = await readSaid(next.real.vault, row.confirmation, Confirmation);
  expect(await activeIn(next)).toMatchObject({ at: said.at });
  expect(said.actor).toEqual(GRACE.principal.actor);
});
