// Monitors, owners, and what they say about a line of the example.
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { type Digest, digestOf, type EventHash } from '../../functions/domain/digest.ts';
import type { DriftReport, Measured } from '../../functions/domain/standing.ts';
import { reportDrift } from '../../functions/drift.ts';
import { storeBlob } from '../../functions/intake/blob.ts';
import type { Identified } from '../../functions/ports.ts';
import { readHead } from '../../functions/store.ts';
import { suspend } from '../../functions/suspend.ts';
import { identified, type TestWorld } from './world.ts';

export const MONITOR = identified('service', 'monitor', ['monitoring']);
export const OLIVIA = identified('person', 'person-olivia', ['owner-of-record@model-owner-1']);

/** Four steps of one line; each alone goes without people. */
export const STEPS = ['1-v01', '2-v12', '3-v13', '4-v14'].map((step) => `scenarios/11-many-small-steps/${step}.yaml`);
export const PLACE = { line: 'german-credit-11-many-small-steps', environment: 'sandbox' };

const REPORT = new TextEncoder().encode('{"monitor": "what it saw in June"}');
export const REPORT_DIGEST: Digest = digestOf(REPORT);

export const measured = (psi: string, more: object = { what: 'score' }): Measured =>
  ({ psi, n: 900, window: { from: '2026-06-01', to: '2026-06-30' }, ...more }) as Measured;

export async function incumbentOf(world: TestWorld): Promise<EventHash> {
  const { head } = await readHead(world.index, PLACE.line, PLACE.environment);
  if (head.incumbent === null) throw new Error('no incumbent');
  return head.incumbent;
}

export async function driftReport(world: TestWorld, figures: Measured[] = [measured('0.120000')]): Promise<DriftReport> {
  await storeBlob(world.vault, REPORT_DIGEST, REPORT);
  const event = await incumbentOf(world);
  return { schema: 'drift-finding/v0', ...PLACE, event, measured: figures, report: REPORT_DIGEST };
}

export const report = (world: TestWorld, body: object, by: Identified = MONITOR) =>
  reportDrift(world, canonicalBytes(body), by);

/** Reports and answers the finding's hash. */
export async function drifted(world: TestWorld, figures?: Measured[]): Promise<EventHash> {
  const found = await report(world, await driftReport(world, figures));
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return found.value.event;
}

export const REASON = 'Complaints about limits that nobody can explain yet';

export const say = (world: TestWorld, state: 'suspended' | 'resumed', by: Identified = OLIVIA, reason = REASON) =>
  suspend(world, PLACE, { state, reason }, by);

export async function said(world: TestWorld, state: 'suspended' | 'resumed'): Promise<EventHash> {
  const sealed = await say(world, state);
  if (!sealed.ok) throw new Error(JSON.stringify(sealed.problems));
  return sealed.value;
}

export const codesOf = (answer: { ok: true } | { ok: false; problems: readonly { code: string; pointer: string }[] }) =>
  answer.ok ? [] : answer.problems.map(({ code, pointer }) => `${code} ${pointer}`.trim());
