import { type Auth, sameActor } from '../actor.ts';
import { sameJson } from '../canonical.ts';
import { digestOf } from '../digest.ts';
import { parseBytes } from '../parse.ts';
import { missingSeats } from '../quorum.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { blobKey, type Read, voteObjectKey } from '../vault-keys.ts';
import { Vote, voteKeyOf } from '../vote.ts';
import { countedPersons, flawOfPolicy } from './counted.ts';
import { isAbsent, type Promotion, saidNo } from './statement.ts';

type Approval = Exclude<Promotion['approvals'], { absent: string }>[number];
type PersonApproval = Extract<Approval, { kind: 'person' }>;

const UNSIGNED = no('approvals', 'HUMAN_SIGNATURE_MISSING', 'the votes are not signed by the approvers themselves');

const tampered = (detail: string): Check => no('approvals', 'FIELD_TAMPERED', detail);

/** Who decided, over which bytes, with what authority at that moment (R7), and whether it is what the routing asked (R22a). */
export async function checkApprovals(promotion: Promotion, trust: Trust, read: Read): Promise<Check> {
  const { approvals, routing } = promotion;
  if (isAbsent(approvals)) return yes('approvals', `none: ${approvals.absent}`);
  for (const approval of approvals) {
    if (!trust.issuers.includes(approval.actor.iss))
      return no('approvals', 'KEY_UNTRUSTED', `the issuer ${approval.actor.iss} is not in the trust given`);
    const fault =
      (await keyFault(approval.auth, read)) ??
      (approval.kind === 'person' ? await voteFault(approval, promotion, read) : undefined);
    if (fault !== undefined) return tampered(fault);
  }
  if (promotion.outcome !== 'approved') return yes('approvals', `${approvals.length} on record, bytes unchanged`);
  if (isAbsent(routing)) return tampered('an approval without a routing');
  if (routing.path === 'automated') {
    const flaw = flawOfPolicy(routing, approvals);
    if (flaw !== undefined) return tampered(flaw);
    if (routing.groups.length > 0 && trust.humanSignature === 'required') return UNSIGNED;
    const by = approvals.find((approval) => approval.kind === 'policy');
    const told = `by policy, service identity ${by?.actor.sub}, owner ${by?.ownerOfRecord.sub}`;
    return yes('approvals', routing.groups.length > 0 ? `${told}; acknowledged by ${approvals.length - 1} on call` : told);
  }
  const persons = countedPersons(routing, approvals);
  if (saidNo(approvals)) return tampered('somebody rejected or returned what is sealed as approved');
  const missing = missingSeats(routing.groups, persons);
  if (missing.length > 0 || routing.groups.length === 0) return tampered('the quorum its routing asked for is not there');
  if (trust.humanSignature === 'required') return UNSIGNED;
  return yes(
    'approvals',
    `${persons.length} votes over the sealed screen, quorum complete; not signed by the approvers themselves`,
  );
}

async function keyFault(auth: Auth, read: Read): Promise<string | undefined> {
  const key = await read(blobKey(auth.jwk));
  return key !== undefined && digestOf(key) === auth.jwk
    ? undefined
    : 'the key that verified a sign-in is not here or was changed';
}

async function voteFault(approval: PersonApproval, promotion: Promotion, read: Read): Promise<string | undefined> {
  const bytes = await read(voteObjectKey(approval.voteKey));
  if (bytes === undefined) return `a vote is not here (${approval.voteKey.slice(0, 12)}…)`;
  if (digestOf(bytes) !== approval.vote) return `a vote was changed (${approval.voteKey.slice(0, 12)}…)`;
  const parsed = parseBytes(Vote, bytes);
  if (!parsed.ok) return 'a vote does not parse';
  const vote = parsed.value;
  if (voteKeyOf(promotion.requestId, vote.actor) !== approval.voteKey || vote.request !== promotion.requestId)
    return 'a vote belongs to another request';
  const { request } = promotion;
  if (isAbsent(request) || isAbsent(request.screen) || vote.screen !== request.screen) return 'a vote is over another screen';
  const copied = sameJson(
    { choice: vote.choice, meaning: vote.meaning, actor: vote.actor, auth: vote.auth, castAt: vote.castAt },
    { choice: approval.choice, meaning: approval.meaning, actor: approval.actor, auth: approval.auth, castAt: approval.castAt },
  );
  if (!copied) return 'a vote says something else than the event';
  if (sameActor(vote.actor, request.requester.actor)) return 'the requester voted';
  const { screenStoredAt, decidedAt } = promotion.times;
  const inOrder =
    screenStoredAt !== null && screenStoredAt <= vote.servedAt && vote.servedAt <= vote.castAt && vote.castAt <= decidedAt;
  return inOrder ? undefined : 'a vote stands outside the order stored, served, cast, decided';
}
