// A line on which two versions were promoted, and the acts that move it back.
import { consentToAct, proposeAct, serveAct } from '../../functions/acts/acts.ts';
import { readAct } from '../../functions/acts/seal.ts';
import { readPromotion } from '../../functions/baseline.ts';
import type { ActTerms } from '../../functions/domain/act.ts';
import type { Digest, EventHash } from '../../functions/domain/digest.ts';
import { isAbsent } from '../../functions/domain/event/statement.ts';
import { judge } from '../../functions/gate/gate.ts';
import { ledgerOf } from '../../functions/ledger.ts';
import type { Identified } from '../../functions/ports.ts';
import { deskOf } from './activation.ts';
import { trustIn } from './evidence.ts';
import { manifestAt, promote } from './promote.ts';
import { type Change, OWNER, withLines } from './staged-line.ts';
import { identified, signedInNow, type TestWorld } from './world.ts';

export const LINE = 'braked';
export const PLACE = { line: LINE, environment: 'sandbox' };
export const REASON = 'Complaints about refusals doubled since this version runs.';
export const ON_CALL = identified('person', 'person-on-call', ['sre@on-call']);
export { OWNER };

const plain: Change = (line) => line;
export const withOnCall: Change = (line) => ({ ...line, onCall: { committee: 'on-call', role: 'sre' } });

/** Versions 1 (a committee) and 2 (by policy), in this order. */
export async function twoVersions(world: TestWorld, change: Change = plain): Promise<[EventHash, EventHash]> {
  await withLines(deskOf(world), { [LINE]: change });
  const events: EventHash[] = [];
  for (const step of ['1-v01', '2-v02']) {
    const manifest = await manifestAt(`scenarios/01-in-band-retrain/${step}.yaml`);
    const { seal, decision } = await promote(world, { ...manifest, ...PLACE });
    if (decision?.outcome !== 'approved' || seal === undefined) throw new Error(JSON.stringify(decision));
    events.push(seal.eventHash);
  }
  return events as [EventHash, EventHash];
}

export async function consent(world: TestWorld, id: Digest, person: Identified) {
  const now = signedInNow(world, person);
  await serveAct(world, id, now);
  return consentToAct(world, id, (await readAct(world, id))?.row.screen, now);
}

export const propose = (world: TestWorld, terms: ActTerms, by: Identified) => proposeAct(world, terms, signedInNow(world, by));

export const ledger = (world: TestWorld) => ledgerOf(world, PLACE, world.clock.now());

/** As its deployer would ask. */
export async function gate(world: TestWorld, event: EventHash, of = event, more: object = {}): Promise<string> {
  const { model } = (await readPromotion(world.vault, of)).promotion;
  if (isAbsent(model)) throw new Error('an approved promotion has a model');
  const { root, manifest } = model;
  const { verdict, code } = await judge(world, { event, root, manifest, ...PLACE }, trustIn(world, more));
  return `${verdict} ${code}`;
}
