// What moves a line back or past an approval: a rollback, a revocation, broken glass. All on the same two versions, so that they
// share what they name.
import { readPromotion } from '../../functions/baseline.ts';
import type { ActTerms } from '../../functions/domain/act.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import { isAbsent } from '../../functions/domain/event/statement.ts';
import { value } from '../support/activation.ts';
import { consent, OWNER, PLACE, propose, REASON, twoVersions } from '../support/brakes.ts';
import { DAVE, type TestWorld } from '../support/world.ts';
import type { Recipe } from './recipe.ts';

/** By the owner of record and somebody who decides for the line. */
async function agreed(world: TestWorld, terms: ActTerms): Promise<EventHash> {
  const { event } = value(await consent(world, value(await propose(world, terms, OWNER)), DAVE));
  if (event === null) throw new Error('not agreed');
  return event as EventHash;
}

export const BRAKES: Readonly<Record<string, Recipe>> = {
  rollback: {
    kind: 'transition',
    what: 'rollback',
    seal: async (world) => {
      const [to, from] = await twoVersions(world);
      return agreed(world, { what: 'rollback', ...PLACE, from, to, reason: REASON });
    },
  },
  revocation: {
    kind: 'revocation',
    seal: async (world) => {
      const [to, event] = await twoVersions(world);
      return agreed(world, { what: 'revocation', ...PLACE, event, to, reason: REASON });
    },
  },
  'break-glass': {
    kind: 'breakGlass',
    seal: async (world) => {
      const [first] = await twoVersions(world);
      const { model } = (await readPromotion(world.vault, first)).promotion;
      if (isAbsent(model)) throw new Error('no model');
      const { root, manifest } = model;
      return agreed(world, { what: 'breakGlass', ...PLACE, root, manifest, hours: 2, reason: REASON });
    },
  },
};
