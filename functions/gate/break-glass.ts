// The one thing but an approval that opens a gate: bytes that two people answer for, for some hours, where the gate's own
// configuration takes that. The event never says so itself.
import type { BreakGlass } from '../domain/act.ts';
import { canonicalDigest } from '../domain/canonical.ts';
import type { Instant } from '../domain/text.ts';
import { type Check, no, type Trust, yes } from '../domain/trust.ts';

type Asked = { readonly root: string; readonly manifest: string; readonly line: string; readonly environment: string };

/** In order; the first that fails decides. The last one that holds says that nothing was approved. */
export function* breakGlassChecks(record: BreakGlass, asked: Asked, trust: Trust, now: Instant): Generator<Check> {
  const { scope, root, manifest, proposed, approvals, at, hours, until } = record;
  if (trust.breakGlass !== 'allowed') {
    yield no('break-glass', 'BREAK_GLASS_REFUSED', `this gate guards ${trust.environment}, which takes approvals only`);
    return;
  }
  if (root !== asked.root || manifest !== asked.manifest)
    yield no('artefact', 'ARTEFACT_MISMATCH', `broken for ${root}, offered is ${asked.root}`);
  if (scope.line !== asked.line || scope.environment !== asked.environment || trust.environment !== asked.environment)
    yield no('scope', 'OUT_OF_SCOPE', `broken for ${scope.line} in ${scope.environment}`);
  const people = [proposed, ...approvals].filter(({ actor }) => actor.kind === 'person' && trust.issuers.includes(actor.iss));
  const persons = new Set(people.map(({ actor }) => canonicalDigest([actor.iss, actor.sub])));
  if (persons.size < 2) yield no('people', 'NOT_APPROVED', 'fewer than two people of a trusted issuer answer for it');
  if (trust.humanSignature === 'required')
    yield no('people', 'HUMAN_SIGNATURE_MISSING', 'the two are not signed by the people themselves');
  // What people were asked for is the hours; the end is only what follows.
  if (Date.parse(until) !== Date.parse(at) + hours * 3_600_000)
    yield no('window', 'STATEMENT_INVALID', `${until} is not ${hours} hours after ${at}`);
  if (now < at || now >= until) yield no('window', 'BREAK_GLASS_OVER', `it was from ${at} to ${until}`);
  yield yes('break-glass', `NOT APPROVED: two people answer for these bytes until ${until}`);
}
