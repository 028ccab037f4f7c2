import { z } from 'zod';
import { CONFIRM, Confirmation, PROPOSE, Proposal, problemsOfPair } from '../activation.ts';
import { sameJson } from '../canonical.ts';
import { digestOf } from '../digest.ts';
import { parseBytes } from '../parse.ts';
import { checkReleaseSignature, RELEASE_SIGNATURE } from '../release.ts';
import type { Instant } from '../text.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { packKey, type Read, saidKey } from '../vault-keys.ts';
import { isAbsent, type PolicyActivation } from './statement.ts';
import { bytesOf, firstFault, tampered } from './verify-fields.ts';

const PackManifest = z.object({ files: z.record(z.string(), z.string()) });

/** Is the pack that was put into force here, whole, and signed by a key of the reader's trust? (R35) */
export async function checkActivatedPack(
  activation: PolicyActivation,
  trust: Trust,
  read: Read,
  /** When the activation was in the log by the witnesses: it names the signature by its digest, which is so as old. */
  proven?: Instant,
): Promise<Check> {
  const { pack, files, at, change } = activation;
  const manifest = await read(packKey(pack, 'manifest.json'));
  if (manifest === undefined || digestOf(manifest) !== pack)
    return tampered('policy', 'the manifest of the pack is not here or was changed');
  const named = parseBytes(PackManifest, manifest);
  if (!named.ok) return tampered('policy', 'the manifest of the pack does not parse');
  const other = Object.entries(named.value.files).find(([name, digest]) => files[name] !== digest);
  if (other) return tampered('policy', `the event names another ${other[0]} than the manifest`);
  for (const [name, digest] of Object.entries(files)) {
    const bytes = await read(packKey(pack, name));
    if (bytes === undefined || digestOf(bytes) !== digest)
      return tampered('policy', `the policy file ${name} is not here or was changed`);
  }
  if (change === undefined) return yes('policy', `${Object.keys(files).length} files; sealed before releases were signed`);
  if (files[RELEASE_SIGNATURE] === undefined) return no('policy', 'POLICY_NOT_SIGNED', 'the event names no signature');
  const signed = checkReleaseSignature(manifest, await read(packKey(pack, RELEASE_SIGNATURE)), trust, at, proven);
  if (!signed.ok) return no('policy', 'POLICY_NOT_SIGNED', signed.problems[0]?.detail ?? '');
  return yes(
    'policy',
    `${Object.keys(files).length} files as signed by key ${signed.value.keyid.slice(0, 16)}…, trusted by you`,
  );
}

/** Two persons, with the authority they held then, one of whom did not write it; and what they read. */
export async function checkActivationApprovals(activation: PolicyActivation, trust: Trust, read: Read): Promise<Check> {
  const { change } = activation;
  if (change === undefined) return yes('approvals', 'none: sealed before releases were signed');
  if (isAbsent(change)) return yes('approvals', `none: ${change.absent}`);
  const { approvals, ...terms } = change;
  const [proposed, confirmed] = approvals;
  const stranger = approvals.find(({ actor }) => !trust.issuers.includes(actor.iss));
  if (stranger) return no('approvals', 'KEY_UNTRUSTED', `the issuer ${stranger.actor.iss} is not in the trust given`);
  const [problem] = problemsOfPair(proposed, confirmed, terms.authors);
  if (problem) return no('approvals', problem.code, problem.detail);
  const lost = await firstFault(read, [
    ...approvals.map(({ auth }) => ({ digest: auth.jwk, what: 'the key that verified a sign-in' })),
    ...(terms.whatIf === null ? [] : [{ digest: terms.whatIf, what: 'the what-if report' }]),
  ]);
  if (lost !== undefined) return tampered('approvals', lost);
  const by = ({ actor, auth, at }: typeof proposed | typeof confirmed) => ({ actor, auth, at });
  const proposal = { schema: 'policy-proposal/v0', pack: activation.pack, ...terms, meaning: PROPOSE, ...by(proposed) };
  const confirmation = { schema: 'policy-confirmation/v0', proposal: proposed.record, meaning: CONFIRM, ...by(confirmed) };
  const first = await frozen(read, proposed.record, Proposal, proposal, 'the proposal');
  if (first !== undefined) return tampered('approvals', first);
  const second = await frozen(read, confirmed.record, Confirmation, confirmation, 'the confirmation');
  if (second !== undefined) return tampered('approvals', second);
  if (proposed.at > confirmed.at || confirmed.at !== activation.at)
    return tampered('approvals', 'proposed, confirmed and in force do not follow each other');
  if (trust.humanSignature === 'required')
    return no('approvals', 'HUMAN_SIGNATURE_MISSING', 'the two acts are not signed by the approvers themselves');
  return yes('approvals', `two persons, one of whom did not write ${terms.version}; not signed by the approvers themselves`);
}

async function frozen(
  read: Read,
  digest: PolicyActivation['pack'],
  schema: z.ZodType,
  sealed: unknown,
  what: string,
): Promise<string | undefined> {
  const bytes = await bytesOf(read, digest, what, saidKey);
  if (typeof bytes === 'string') return bytes;
  const parsed = parseBytes(schema, bytes);
  return parsed.ok && sameJson(parsed.value, sealed) ? undefined : `${what} says something else than the event`;
}
