import { expect, it } from 'vitest';
import { consentToAct, serveAct } from '../../../functions/acts/acts.ts';
import { readAct } from '../../../functions/acts/seal.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import { keys } from '../../../functions/domain/rows.ts';
import { blobKey } from '../../../functions/domain/vault-keys.ts';
import { sweep } from '../../../functions/drive.ts';
import { readBlob } from '../../../functions/store.ts';
import { value } from '../../support/activation.ts';
import { ledger, OWNER, PLACE, propose, REASON, twoVersions } from '../../support/brakes.ts';
import { type Call, failing, type Moment } from '../../support/faults.ts';
import { type FaultWorld, openFaultWorld } from '../../support/faults-world.ts';
import { DAVE } from '../../support/world.ts';

const ROOT = digestOf('weights');

async function prepared(what: 'rollback' | 'revocation' | 'breakGlass') {
  const world = await openFaultWorld();
  const [v1, v2] = await twoVersions(world);
  const terms = {
    rollback: { what: 'rollback' as const, from: v2, to: v1 },
    revocation: { what: 'revocation' as const, event: v2, to: v1 },
    breakGlass: { what: 'breakGlass' as const, root: ROOT, manifest: ROOT, hours: 24 },
  }[what];
  const id = value(await propose(world, { ...terms, ...PLACE, reason: REASON }, OWNER));
  await serveAct(world, id, DAVE);
  const screen = (await readAct(world, id))?.row.screen;
  const approve = (at: FaultWorld) => consentToAct(at, id, screen, DAVE);
  return { world, id, v1, v2, approve };
}

async function recordsIn(world: FaultWorld): Promise<number> {
  let found = 0;
  for await (const key of world.real.vault.list('records/')) if (key) found++;
  return found;
}

it.each(['rollback', 'revocation', 'breakGlass'] as const)(
  'R58 R59 wherever the last approval of a %s breaks off: nothing half, one record, and the next sweep or click finishes it',
  async (what) => {
    const { world, id, v1, v2, approve } = await prepared(what);
    const counting = failing(0, 'before');
    const whole = world.copy(counting.hook);
    const { event: only } = value(await approve(whole));
    const acted: Call[] = [...counting.calls];
    const records = await recordsIn(world);
    const after = what === 'breakGlass' ? v2 : v1;
    for (const moment of ['before', 'after'] as const satisfies Moment[]) {
      for (const [i, call] of acted.entries()) {
        const where = `${what} ${moment} ${i + 1} ${call.op} ${call.on}`;
        const broken = world.copy(failing(i + 1, moment).hook);
        await expect(approve(broken), where).rejects.toThrow('injected');
        const next = broken.copy();
        await sweep(next);
        expect([where, value(await approve(next)).event]).toEqual([where, only]);
        const { active, broken: fault } = await ledger(next);
        expect([where, active, fault]).toEqual([where, after, null]);
        expect([where, await recordsIn(next), await next.real.index.list('ACTING')]).toEqual([where, records + 1, []]);
        expect([where, (await readAct(next, id))?.seal?.eventHash]).toEqual([where, only]);
        expect([where, ...broken.lies, ...next.lies]).toEqual([where]);
      }
    }
  },
  120_000,
);

it('R6 what anybody may upload stands in for nobody’s word: a consent among the blobs is not found', async () => {
  const { world, id, v2 } = await prepared('rollback');
  const file = await readAct(world, id);
  if (file === undefined) throw new Error('no proposal');
  const { actor, auth } = DAVE.principal;
  const at = world.clock.now();
  const meaning = 'I approve that the version on the page named here runs again';
  const by = { proposal: file.row.proposal, screen: file.row.screen, meaning, actor, auth, servedAt: at, at };
  const forged = canonicalBytes({ schema: 'act-consent/v0', ...by });
  const consent = digestOf(forged);
  await world.vault.putOnce(blobKey(consent), forged);
  expect(await readBlob(world.vault, consent)).toEqual(forged);
  await world.index.commit([{ kind: 'fact', key: keys.actConsent(id, 'f'.repeat(64)), body: { actor, consent, at } }]);
  await expect(sweep(world)).rejects.toThrow(`the vault has lost ${consent satisfies Digest}`);
  expect((await ledger(world)).active).toBe(v2);
});
