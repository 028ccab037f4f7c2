import { z } from 'zod';
import { ArchiveConsent, ArchiveProposal, flawOf } from '../archive.ts';
import { sameJson } from '../canonical.ts';
import { digestOf } from '../digest.ts';
import { archivePathOf, committeesOf, dutiesOf, Layers } from '../layers.ts';
import { groupsFor, ModelLine } from '../line.ts';
import { parseBytes } from '../parse.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { envelopeKey, packKey, type Read } from '../vault-keys.ts';
import { openEnvelope } from './envelope.ts';
import { parseStatement, type Transition } from './statement.ts';
import { bytesOf, firstFault, tampered } from './verify-fields.ts';
import { verifyProven } from './verify-proven.ts';

/** What ended was an approved version of this line in this environment, and the page about it is here unchanged. */
export async function checkEnded(transition: Transition, trust: Trust, read: Read): Promise<Check> {
  const { from, scope, screen } = transition;
  const envelope = await read(envelopeKey(from, 'approved'));
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  const ended = opened?.ok && opened.value.hash === from ? parseStatement(opened.value.payload) : undefined;
  if (!ended?.ok) return tampered('ended version', 'its event is not here or was changed');
  const { predicate } = ended.value;
  const at = predicate.kind === 'promotion' ? predicate.times.decidedAt : undefined;
  if (!envelope || !opened?.ok || !(await verifyProven({ bytes: envelope, opened: opened.value }, trust, at, read)).ok)
    return no('ended version', 'KEY_UNTRUSTED', 'its event is not signed by a key in the trust given');
  const fits =
    predicate.kind === 'promotion' &&
    predicate.outcome === 'approved' &&
    predicate.scope.line === scope.line &&
    predicate.scope.environment === scope.environment;
  if (!fits) return tampered('ended version', `${from} approved no version of ${scope.line} for ${scope.environment}`);
  const fault = await firstFault(read, [{ digest: screen, what: 'the page that was shown' }]);
  return fault === undefined
    ? yes('ended version', `${scope.line} in ${scope.environment}, nothing replaces it`)
    : tampered('ended version', fault);
}

/** Those whom line and tier ask for in the sealed policy, each over the same page, none of them the proposer. */
export async function checkConsents(transition: Transition, trust: Trust, read: Read): Promise<Check> {
  const { proposed, approvals, screen } = transition;
  if (approvals.some(({ at }) => at > transition.at)) return tampered('approvals', 'an approval after the end it approves');
  const stranger = [proposed, ...approvals].find(({ actor }) => !trust.issuers.includes(actor.iss));
  if (stranger) return no('approvals', 'KEY_UNTRUSTED', `the issuer ${stranger.actor.iss} is not in the trust given`);
  const fault =
    (await proposalFault(transition, read)) ??
    (await groupsFault(transition, read)) ??
    (await consentFault(transition, read)) ??
    (await firstFault(
      read,
      [proposed, ...approvals].map(({ auth }) => ({ digest: auth.jwk, what: 'the key that verified a sign-in' })),
    )) ??
    flawOf(
      { ...transition, actor: proposed.actor, at: proposed.at },
      screen,
      approvals.map((one) => ({ ...one, screen })),
    );
  if (fault !== undefined) return tampered('approvals', fault);
  return yes(
    'approvals',
    `${approvals.length} approvals over the sealed page, quorum complete; not signed by the approvers themselves`,
  );
}

async function proposalFault({ proposed, scope, ...sealed }: Transition, read: Read): Promise<string | undefined> {
  const bytes = await bytesOf(read, proposed.record, 'the proposal');
  if (typeof bytes === 'string') return bytes;
  const parsed = parseBytes(ArchiveProposal, bytes);
  if (!parsed.ok) return 'the proposal does not parse';
  const { meaning, actor, auth, at } = proposed;
  const { from, reason, tier, pack, groups, expiresAt, stepUpMinutes } = sealed;
  const asked = { groups, ...(stepUpMinutes === undefined ? {} : { stepUpMinutes }) };
  const told = {
    schema: parsed.value.schema,
    ...scope,
    from,
    reason,
    tier,
    pack,
    ...asked,
    meaning,
    actor,
    auth,
    at,
    expiresAt,
  };
  return sameJson(parsed.value, told) ? undefined : 'the proposal says something else than the record';
}

async function consentFault({ approvals, proposed, screen }: Transition, read: Read): Promise<string | undefined> {
  for (const { record, signature: _, ...said } of approvals) {
    const bytes = await bytesOf(read, record, 'a consent');
    if (typeof bytes === 'string') return bytes;
    const parsed = parseBytes(ArchiveConsent, bytes);
    if (!parsed.ok) return 'a consent does not parse';
    const told = { schema: parsed.value.schema, proposal: proposed.record, screen, ...said };
    if (!sameJson(parsed.value, told)) return 'a consent says something else than the record';
  }
  return undefined;
}

const PackManifest = z.object({ files: z.object({ 'data.json': z.string() }) });
const PackLines = Layers.extend({ lines: z.record(z.string(), ModelLine) });

/** Who had to be asked is not what the record says of it, but what the policy of that moment says. */
async function groupsFault({ pack, scope, tier, groups, stepUpMinutes }: Transition, read: Read): Promise<string | undefined> {
  const manifest = await read(packKey(pack, 'manifest.json'));
  const data = await read(packKey(pack, 'data.json'));
  if (manifest === undefined || data === undefined || digestOf(manifest) !== pack)
    return 'the policy pack is not here or was changed';
  const named = parseBytes(PackManifest, manifest);
  if (!named.ok || named.value.files['data.json'] !== digestOf(data)) return 'the numbers of the policy pack were changed';
  const parsed = parseBytes(PackLines, data, { maxBytes: 64 * 1024 * 1024, maxDepth: 64 });
  const line = parsed.ok ? parsed.value.lines[scope.line] : undefined;
  if (!parsed.ok || line === undefined) return 'the policy pack does not know the line';
  const path = archivePathOf(parsed.value, line);
  const asked = groupsFor(committeesOf(parsed.value, line.line), path);
  if (dutiesOf(parsed.value, line.line, path).stepUpMinutes !== stepUpMinutes)
    return 'another sign-in was asked for than the policy demands';
  return line.tier === tier && sameJson(asked, groups) ? undefined : 'others were asked than line and tier demand';
}
