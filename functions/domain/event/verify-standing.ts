import type { Actor } from '../actor.ts';
import { type DriftFinding, problemsOfLineOwner, problemsOfMonitor, type Suspension } from '../standing.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import type { Read } from '../vault-keys.ts';
import { firstFault, tampered } from './verify-fields.ts';

/** A finding by a monitor, with the authority it held then, and the report it names as the bytes of that day. */
export async function checkDrift(finding: DriftFinding, trust: Trust, read: Read): Promise<Check[]> {
  const { actor, auth, measured, report, event } = finding;
  const unknown = strangerTo(trust, actor);
  const [problem] = problemsOfMonitor({ actor, auth });
  const key = await firstFault(read, [{ digest: auth.jwk, what: 'the key that verified the sign-in' }]);
  const lost = await firstFault(read, [{ digest: report, what: 'the report of the monitor' }]);
  const by =
    unknown ??
    (problem && no('reporter', problem.code, problem.detail)) ??
    (key === undefined ? yes('reporter', `service identity ${actor.sub}, not a pipeline`) : tampered('reporter', key));
  const seen =
    lost === undefined
      ? yes('report', `${measured.length} figures about ${event.slice(0, 19)}…, and the report they are from`)
      : tampered('report', lost);
  return [by, seen];
}

/** By the owner of record as the register said then. That nobody resumed it since, one record cannot say. */
export async function checkSuspension(suspension: Suspension, trust: Trust, read: Read): Promise<Check> {
  const { actor, auth, ownerOfRecord, state, line, environment } = suspension;
  const unknown = strangerTo(trust, actor);
  if (unknown !== undefined) return { ...unknown, name: 'owner' };
  const [problem] = problemsOfLineOwner({ actor, auth }, ownerOfRecord);
  if (problem !== undefined) return no('owner', problem.code, problem.detail);
  const key = await firstFault(read, [{ digest: auth.jwk, what: 'the key that verified the sign-in' }]);
  if (key !== undefined) return tampered('owner', key);
  return yes('owner', `${line}/${environment} ${state} by its owner of record ${ownerOfRecord.sub}; not signed by the owner`);
}

const strangerTo = (trust: Trust, { iss }: Actor): Check | undefined =>
  trust.issuers.includes(iss) ? undefined : no('reporter', 'KEY_UNTRUSTED', `the issuer ${iss} is not in the trust given`);
