// What stands against a line until somebody answers it: drift that monitoring found (R38), and the owner's own stop.
import { z } from 'zod';
import { Actor, Auth } from './actor.ts';
import { canonicalDigest } from './canonical.ts';
import { Decimal } from './decimal.ts';
import { Digest, EventHash } from './digest.ts';
import { holdsEntry, type ModelLine, ownerRole } from './line.ts';
import { type Problem, problem } from './result.ts';
import { Day, Instant, Label, Name, prose } from './text.ts';

const Window = z.strictObject({ from: Day, to: Day }).refine(({ from, to }) => from <= to, 'it ends before it begins');

const figure = {
  psi: Decimal.refine((psi) => !psi.startsWith('-'), 'a PSI is not negative'),
  /** Rows of the window: a PSI without them says nothing. */
  n: z.int().min(1),
  window: Window,
};

const Measured = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('score'), ...figure }),
  z.strictObject({ what: z.literal('feature'), name: Label, ...figure }),
  /** A column whose shares moved, or `column=value`. */
  z.strictObject({ what: z.literal('segment'), name: Label, ...figure }),
]);
export type Measured = z.infer<typeof Measured>;

/** `POST /drift-findings`: what a monitor saw on the traffic of the version it watched. */
export const DriftReport = z.strictObject({
  schema: z.literal('drift-finding/v0'),
  line: Name,
  environment: Name,
  event: EventHash,
  measured: z.array(Measured).min(1).max(500),
  /** Digest of the monitor's own report, uploaded beforehand. */
  report: Digest,
});
export type DriftReport = z.infer<typeof DriftReport>;

export const DriftFinding = DriftReport.omit({ schema: true }).extend({
  kind: z.literal('driftFinding'),
  actor: Actor,
  auth: Auth,
  at: Instant,
});
export type DriftFinding = z.infer<typeof DriftFinding>;

const OwnerOfRecord = z.strictObject({ iss: Label, sub: Label });
type OwnerOfRecord = z.infer<typeof OwnerOfRecord>;

/** The owner's stop of the automated path, or its end. Each names the one before it, so that they have one order. */
export const Suspension = z.strictObject({
  kind: z.literal('suspension'),
  line: Name,
  environment: Name,
  state: z.enum(['suspended', 'resumed']),
  reason: prose(10, 2000),
  /** As the register said at that moment. */
  ownerOfRecord: OwnerOfRecord,
  previous: EventHash.nullable(),
  actor: Actor,
  auth: Auth,
  at: Instant,
});
export type Suspension = z.infer<typeof Suspension>;

export const SuspensionTerms = Suspension.pick({ state: true, reason: true });
export type SuspensionTerms = z.infer<typeof SuspensionTerms>;

/** Without time and token: the same monitor saying the same again says it once. */
export const driftIdOf = (report: DriftReport, { iss, sub }: Actor): Digest =>
  canonicalDigest(['drift-finding/v1', report, iss, sub]);

/** One successor for each state: two people pressing at once cannot both follow it. */
export const suspensionIdOf = (line: string, environment: string, previous: EventHash | null): Digest =>
  canonicalDigest(['suspension/v1', line, environment, previous]);

/** A monitor is not the pipeline: who trains the models does not report on them. */
const MONITORING_ROLE = 'monitoring';
const PIPELINE_ROLE = 'pipeline';

type Act = { readonly actor: Actor; readonly auth: Auth };

export function problemsOfMonitor({ actor, auth }: Act): Problem[] {
  if (actor.kind !== 'service') return [problem('SERVICE_ONLY', '', 'drift is reported by a monitoring service')];
  if (!auth.roles.includes(MONITORING_ROLE))
    return [problem('NOT_YOURS', '', `this service does not hold the role ${MONITORING_ROLE}`)];
  const trains = auth.roles.includes(PIPELINE_ROLE);
  return trains ? [problem('SEPARATION', '', 'a pipeline does not report on its own models')] : [];
}

export function problemsOfLineOwner({ actor, auth }: Act, owner: OwnerOfRecord): Problem[] {
  if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'a line is suspended and resumed by its owner of record')];
  return holdsEntry(owner, { actor, auth })
    ? []
    : [problem('NOT_YOURS', '', `asked is the owner of record of this line: ${ownerRole(owner)}`)];
}

/** Known to model risk: a registered segment by its name, or a column that has one. */
export const isRegistered = (line: ModelLine | null, name: string): boolean =>
  line?.segments.some((segment) => segment.name === name || segment.filter.column === name) ?? false;
