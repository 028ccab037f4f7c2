import { z } from 'zod';
import { ActConsent, ActProposal, type Agreed, askedIn, flawOf, MEANINGS, termsOf } from '../act.ts';
import { askedOf, problemsOfProposer } from '../act-asked.ts';
import { sameJson } from '../canonical.ts';
import { digestOf, type EventHash } from '../digest.ts';
import { Layers } from '../layers.ts';
import { ModelLine } from '../line.ts';
import { parseBytes } from '../parse.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { envelopeKey, packKey, type Read, saidKey } from '../vault-keys.ts';
import { openEnvelope } from './envelope.ts';
import { parseStatement } from './statement.ts';
import { bytesOf, firstFault, tampered } from './verify-fields.ts';
import { verifyProven } from './verify-proven.ts';

/** Each version named was approved for this line in this environment, and the page about them is here unchanged. */
export async function checkTarget(act: Agreed, trust: Trust, read: Read): Promise<Check> {
  const { scope, screen } = act;
  for (const event of versionsOf(act)) {
    const fault = await versionFault(act, event, trust, read);
    if (fault !== undefined) return fault;
  }
  if (act.kind === 'breakGlass' && Date.parse(act.until) !== Date.parse(act.at) + act.hours * 3_600_000)
    return tampered('what it is about', 'its hours do not begin with its approval');
  const fault = await firstFault(read, [{ digest: screen, what: 'the page that was shown' }]);
  if (fault !== undefined) return tampered('what it is about', fault);
  return yes('what it is about', `${termsOf(act).what} for ${scope.line} in ${scope.environment}`);
}

/** The approved versions that an act names, or the break-glass that it takes back. */
export const versionsOf = (act: Agreed): EventHash[] => {
  if (act.kind === 'breakGlass') return [];
  return [act.kind === 'revocation' ? act.event : act.from, act.to].filter((event) => event !== null);
};

async function versionFault(act: Agreed, event: EventHash, trust: Trust, read: Read): Promise<Check | undefined> {
  const { scope } = act;
  const takenBack = act.kind === 'revocation' && act.event === event && act.to === null && !act.active;
  const envelope =
    (await read(envelopeKey(event, 'approved'))) ?? (takenBack ? await read(envelopeKey(event, null)) : undefined);
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  const parsed = opened?.ok && opened.value.hash === event ? parseStatement(opened.value.payload) : undefined;
  if (!opened?.ok || !parsed?.ok) return tampered('what it is about', `the event ${event} is not here or was changed`);
  const { predicate } = parsed.value;
  const glass = takenBack && predicate.kind === 'breakGlass' ? predicate : undefined;
  const at = predicate.kind === 'promotion' ? predicate.times.decidedAt : glass?.at;
  if (!envelope || !(await verifyProven({ bytes: envelope, opened: opened.value }, trust, at, read)).ok)
    return no('what it is about', 'KEY_UNTRUSTED', `the event ${event} is not signed by a key in the trust given`);
  const about = predicate.kind === 'promotion' && predicate.outcome === 'approved' ? predicate : glass;
  if (about?.scope.line === scope.line && about.scope.environment === scope.environment) return undefined;
  return tampered('what it is about', `${event} approved no version of ${scope.line} for ${scope.environment}`);
}

/** Those whom line and tier ask for in the sealed policy, each over the same page, none of them the proposer. */
export async function checkConsents(act: Agreed, trust: Trust, read: Read): Promise<Check> {
  const { proposed, approvals, screen } = act;
  if (approvals.some(({ at }) => at > act.at)) return tampered('approvals', 'an approval after the act it approves');
  const stranger = [proposed, ...approvals].find(({ actor }) => !trust.issuers.includes(actor.iss));
  if (stranger) return no('approvals', 'KEY_UNTRUSTED', `the issuer ${stranger.actor.iss} is not in the trust given`);
  const fault =
    (await proposalFault(act, read)) ??
    (await askedFault(act, read)) ??
    (await consentFault(act, read)) ??
    (await firstFault(
      read,
      [proposed, ...approvals].map(({ auth }) => ({ digest: auth.jwk, what: 'the key that verified a sign-in' })),
    )) ??
    flawOf(
      { ...act, actor: proposed.actor, at: proposed.at },
      screen,
      approvals.map((one) => ({ ...one, screen })),
    );
  if (fault !== undefined) return tampered('approvals', fault);
  return yes(
    'approvals',
    `${approvals.length} approvals over the sealed page, quorum complete; not signed by the approvers themselves`,
  );
}

async function proposalFault(act: Agreed, read: Read): Promise<string | undefined> {
  const { record, ...by } = act.proposed;
  const bytes = await bytesOf(read, record, 'the proposal', saidKey);
  if (typeof bytes === 'string') return bytes;
  const parsed = parseBytes(ActProposal, bytes);
  if (!parsed.ok) return 'the proposal does not parse';
  const { pack, expiresAt } = act;
  const terms = termsOf(act);
  const told = { ...terms, schema: parsed.value.schema, pack, ...askedIn(act), ...by, expiresAt };
  const meant = by.meaning === MEANINGS[terms.what].proposed;
  return meant && sameJson(parsed.value, told) ? undefined : 'the proposal says something else than the record';
}

async function consentFault(act: Agreed, read: Read): Promise<string | undefined> {
  const meaning = MEANINGS[termsOf(act).what].approved;
  for (const { record, signature: _, ...said } of act.approvals) {
    const bytes = await bytesOf(read, record, 'a consent', saidKey);
    if (typeof bytes === 'string') return bytes;
    const parsed = parseBytes(ActConsent, bytes);
    if (!parsed.ok) return 'a consent does not parse';
    const told = { schema: parsed.value.schema, proposal: act.proposed.record, screen: act.screen, ...said };
    if (said.meaning !== meaning || !sameJson(parsed.value, told)) return 'a consent says something else than the record';
  }
  return undefined;
}

const PackManifest = z.object({ files: z.object({ 'data.json': z.string() }) });
const PackLines = Layers.extend({ lines: z.record(z.string(), ModelLine) });

/** Who had to be asked is not what the record says of it, but what the policy of that moment says. */
async function askedFault(act: Agreed, read: Read): Promise<string | undefined> {
  const { pack, scope, proposed } = act;
  const manifest = await read(packKey(pack, 'manifest.json'));
  const data = await read(packKey(pack, 'data.json'));
  if (manifest === undefined || data === undefined || digestOf(manifest) !== pack)
    return 'the policy pack is not here or was changed';
  const named = parseBytes(PackManifest, manifest);
  if (!named.ok || named.value.files['data.json'] !== digestOf(data)) return 'the numbers of the policy pack were changed';
  const parsed = parseBytes(PackLines, data, { maxBytes: 64 * 1024 * 1024, maxDepth: 64 });
  const line = parsed.ok ? parsed.value.lines[scope.line] : undefined;
  if (!parsed.ok || line === undefined) return 'the policy pack does not know the line';
  const { what } = termsOf(act);
  const [stranger] = problemsOfProposer(parsed.value, line, what, proposed);
  if (stranger !== undefined) return stranger.detail;
  const asked = askedOf(parsed.value, line, what, proposed);
  if (asked.stepUpMinutes !== act.stepUpMinutes) return 'another sign-in was asked for than the policy demands';
  return sameJson(asked, askedIn(act)) ? undefined : 'others were asked than line and tier demand';
}
