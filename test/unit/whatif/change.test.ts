import { describe, expect, it } from 'vitest';
import { PATHS } from '../../../functions/domain/routing.ts';
import { changeOf } from '../../../functions/whatif/change.ts';
import { golden, sideWith } from '../../support/what-if.ts';

describe('R35 what one decision is to another', () => {
  it('every pair of the corpus: heavier one way is lighter the other, and lighter always names what got weaker', async () => {
    const decisions = (await golden()).map(({ input }) => sideWith().decide(input));
    for (const base of decisions) {
      expect(changeOf(base, base)).toMatchObject({ kind: 'unchanged', loosened: [], figures: [] });
      for (const head of decisions) {
        const [there, back] = [changeOf(base, head), changeOf(head, base)];
        const step = Math.sign(PATHS.indexOf(head.path) - PATHS.indexOf(base.path));
        expect([there.kind === 'heavier', there.kind === 'lighter']).toEqual([step > 0, step < 0]);
        expect([back.added, back.removed]).toEqual([there.removed, there.added]);
        if (there.kind === 'lighter') expect(there.loosened.length).toBeGreaterThan(0);
        // What is only more asks for nothing less.
        if (there.removed.length === 0 && there.kind === 'reasons') expect(there.loosened).toEqual([]);
      }
    }
  });

  it('the same path with fewer people, a dropped hold or obligation, or more time is no small thing', async () => {
    const [past] = await golden();
    const base = sideWith().decide(past?.input);
    const hold = { code: 'EVI-003', artefact: 'explanation', pointer: '/evidence' };
    const fewer = base.groups.map((group) => ({ ...group, min: 1 }));
    expect(changeOf(base, { ...base, groups: fewer })).toMatchObject({ kind: 'approvals', loosened: ['approvals'] });
    expect(changeOf({ ...base, holds: [hold] }, base)).toMatchObject({ kind: 'holds', loosened: ['EVI-003'] });
    expect(changeOf(base, { ...base, holds: [hold] })).toMatchObject({
      kind: 'holds',
      loosened: [],
      newHolds: ['EVI-003 explanation'],
    });
    expect(changeOf(base, { ...base, obligations: [] })).toMatchObject({
      kind: 'approvals',
      loosened: ['OBL-001', 'OBL-004', 'OBL-005', 'OBL-007'],
    });
    const { stepUpMinutes = 0, sla = { respondWithinHours: 0, escalateTo: [] }, ...without } = base;
    expect(changeOf(base, without)).toMatchObject({ kind: 'approvals', loosened: ['answer', 'sign-in'] });
    expect(changeOf(without, base)).toMatchObject({ kind: 'approvals', loosened: [] });
    for (const [by, loosened] of [
      [-1, []],
      [0, []],
      [1, ['sign-in']],
    ] as const)
      expect(changeOf(base, { ...base, stepUpMinutes: stepUpMinutes + by }).loosened).toEqual(loosened);
    const later = { ...sla, respondWithinHours: sla.respondWithinHours + 1 };
    for (const looser of [later, { ...sla, escalateTo: [] }])
      expect(changeOf(base, { ...base, sla: looser })).toMatchObject({ kind: 'approvals', loosened: ['answer'] });
    expect(changeOf(base, { ...base, expiresAfterDays: base.expiresAfterDays + 1 })).toMatchObject({ loosened: ['expiry'] });
    expect(changeOf(base, { ...base, expiresAfterDays: base.expiresAfterDays - 1 })).toMatchObject({
      kind: 'approvals',
      loosened: [],
    });
  });
});
