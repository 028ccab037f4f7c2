// A store that was frozen: the canary that says it is well, the freeze, what ran meanwhile on a signed word, the thaw.
import { readPromotion } from '../../functions/baseline.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import { isAbsent } from '../../functions/domain/event/statement.ts';
import { judge } from '../../functions/gate/gate.ts';
import { watch } from '../../functions/thaw.ts';
import { PLACE, twoVersions } from '../support/brakes.ts';
import { trustIn } from '../support/evidence.ts';
import { intentFor, MINUTE, SIGNER, watched } from '../support/frozen.ts';
import type { TestWorld } from '../support/world.ts';
import { lastOf, type Recipe } from './recipe.ts';

type Sealed = Parameters<typeof lastOf>[1];

/** `moment`: each recipe freezes at another one, so that no record comes out of two worlds with two signatures. */
const thawed = (kind: Sealed, moment: number) => async (plain: TestWorld) => {
  const world = watched(plain);
  const [first] = await twoVersions(world);
  world.later(moment * MINUTE);
  await world.health.note({ kind: 'freeze', at: world.clock.now(), reason: 'the disk is being replaced' });
  await ranMeanwhile(world, first);
  await world.health.note({ kind: 'release', at: world.clock.now(), reason: 'replaced' });
  for (let turn = 0; turn < 3; turn++) {
    world.later(MINUTE);
    await watch(world, world.clock.now());
  }
  return lastOf(plain, kind);
};

async function ranMeanwhile(world: TestWorld, event: EventHash): Promise<void> {
  const { model } = (await readPromotion(world.vault, event)).promotion;
  if (isAbsent(model)) throw new Error('no model');
  const presented = { intent: intentFor(world, event) };
  const question = { event, root: model.root, manifest: model.manifest, ...PLACE, presented };
  const { code } = await judge(world, question, trustIn(world, { intents: [SIGNER] }));
  if (code !== 'INTENT') throw new Error(`the gate said ${code}`);
}

export const FREEZES: Readonly<Record<string, Recipe>> = {
  canary: {
    kind: 'canary',
    seal: async (plain) => {
      const world = watched(plain);
      world.later(24 * 60 * MINUTE);
      await watch(world, '2026-01-01T00:00:00.000Z' as never);
      return lastOf(plain, 'canary');
    },
  },
  freeze: { kind: 'freeze', seal: thawed('freeze', 1) },
  intent: { kind: 'intentTransition', seal: thawed('intentTransition', 2) },
  thaw: { kind: 'thaw', seal: thawed('thaw', 3) },
};
