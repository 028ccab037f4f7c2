// How each golden event comes about. To add a kind: one recipe here, `npx node test/golden-events/make.ts`, commit what it wrote.
// A golden event is never made again: what was sealed once must stay verifiable, whatever the code does since.
import { decide } from '../../functions/approve/decide.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { ActivationRow, keys } from '../../functions/domain/rows.ts';
import { sweep } from '../../functions/drive.ts';
import { activated, deskOf, uploaded, value } from '../support/activation.ts';
import { consent, proposedIn } from '../support/acts.ts';
import { announced, asking } from '../support/faults-races.ts';
import { dossierOf, manifestAt, promote, vote } from '../support/promote.ts';
import { LEAD } from '../support/staged-line.ts';
import { drifted, measured, STEPS, said } from '../support/standing.ts';
import { ALICE, type TestWorld } from '../support/world.ts';
import type { Recipe } from './recipe.ts';
import { BRAKES } from './recipes-brakes.ts';
import { FREEZES } from './recipes-freezes.ts';
import { KEY_CHANGES } from './recipes-keys.ts';

const A_MONTH = 31 * 86_400_000;
const COMMITTEE = '01-in-band-retrain/1-v01.yaml';

const sealedOf = async (world: TestWorld, id: RequestId): Promise<EventHash> => {
  const { seal } = await dossierOf(world, id);
  if (seal === undefined) throw new Error(`${id} is not sealed`);
  return seal.eventHash;
};

/** The last of several manifests of the example, each taken to its end. */
async function promoted(world: TestWorld, ...paths: readonly string[]): Promise<EventHash> {
  let last: EventHash | undefined;
  for (const path of paths) last = (await promote(world, await manifestAt(`scenarios/${path}`))).seal?.eventHash;
  if (last === undefined) throw new Error('not sealed');
  return last;
}

/** What the start put into force. */
async function beginning(world: TestWorld, which: 'start' | 'activation'): Promise<EventHash> {
  const row = await world.index.get(keys.activation);
  if (row === undefined) throw new Error('no policy is active');
  const { event } = ActivationRow.parse(row.body);
  if (which === 'activation') return event;
  const { readEvent } = await import('../../functions/baseline.ts');
  const stored = await readEvent(world, event);
  if (stored?.predicate.kind !== 'policyActivation') throw new Error('not an activation');
  return stored.predicate.start;
}

const voted = (choice: 'reject' | 'return') => async (world: TestWorld) => {
  // Another run each: what two worlds seal may not go by one name.
  const id = await asking(world, COMMITTEE, choice);
  value(await vote(world, id, ALICE, choice));
  return sealedOf(world, id);
};

const ended = (world: TestWorld, id: RequestId) => world.run().then(() => sealedOf(world, id));

export const RECIPES: Readonly<Record<string, Recipe>> = {
  start: { kind: 'start', seal: (world) => beginning(world, 'start') },
  'policy-at-start': { kind: 'policyActivation', seal: (world) => beginning(world, 'activation') },
  'policy-by-two-people': {
    kind: 'policyActivation',
    seal: async (world) => {
      const desk = deskOf(world);
      await activated(desk, await uploaded(desk));
      return beginning(world, 'activation');
    },
  },
  'approved-automated': {
    kind: 'promotion',
    outcome: 'approved',
    path: 'automated',
    seal: (world) => promoted(world, COMMITTEE, '01-in-band-retrain/2-v02.yaml'),
  },
  'approved-reviewer': {
    kind: 'promotion',
    outcome: 'approved',
    path: 'reviewer',
    seal: (world) => promoted(world, '02-threshold-moved/1-v01.yaml', '02-threshold-moved/2-v03.yaml'),
  },
  'approved-committee': {
    kind: 'promotion',
    outcome: 'approved',
    path: 'committee',
    // Another line than the others', so that its envelope is signed once only.
    seal: (world) => promoted(world, '12-no-incumbent/1-v01.yaml'),
  },
  refused: {
    kind: 'promotion',
    outcome: 'refused',
    seal: (world) => promoted(world, '14-flattering-metric/1-v01.yaml', '14-flattering-metric/2-v02.yaml'),
  },
  rejected: { kind: 'promotion', outcome: 'rejected', seal: voted('reject') },
  returned: { kind: 'promotion', outcome: 'returned', seal: voted('return') },
  expired: {
    kind: 'promotion',
    outcome: 'expired',
    seal: async (world) => {
      const id = await asking(world, COMMITTEE, 'expired');
      value(await vote(world, id, ALICE));
      world.later(A_MONTH);
      await sweep(world);
      return ended(world, id);
    },
  },
  superseded: {
    kind: 'promotion',
    outcome: 'superseded',
    seal: async (world) => {
      const id = await asking(world, COMMITTEE, 'superseded');
      await announced(world, COMMITTEE, 'again', id);
      await sweep(world);
      return ended(world, id);
    },
  },
  withdrawn: {
    kind: 'promotion',
    outcome: 'withdrawn',
    seal: async (world) => {
      const id = await asking(world, COMMITTEE, 'withdrawn');
      await decide(world, await dossierOf(world, id), { outcome: 'withdrawn', reasons: [] });
      await sweep(world);
      return ended(world, id);
    },
  },
  stale: {
    kind: 'promotion',
    outcome: 'stale',
    seal: async (world) => {
      await promoted(world, COMMITTEE);
      const both = [];
      for (const run of ['one', 'two']) both.push(await announced(world, '01-in-band-retrain/2-v02.yaml', run));
      await world.run();
      for (const id of both) if ((await dossierOf(world, id)).decision?.outcome === 'stale') return sealedOf(world, id);
      throw new Error('neither is stale');
    },
  },
  archive: {
    kind: 'transition',
    what: 'archive',
    seal: async (world) => {
      const { id } = await proposedIn(world);
      return value(await consent(world, id, LEAD)).event as EventHash;
    },
  },
  'drift-finding': {
    kind: 'driftFinding',
    seal: async (world) => {
      await promote(world, await manifestAt(STEPS[0] ?? ''));
      return drifted(world, [measured('0.120000')]);
    },
  },
  suspension: {
    kind: 'suspension',
    seal: async (world) => {
      await promote(world, await manifestAt(STEPS[0] ?? ''));
      return said(world, 'suspended');
    },
  },
  ...BRAKES,
  ...FREEZES,
  ...KEY_CHANGES,
};
