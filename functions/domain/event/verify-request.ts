import { sameActor } from '../actor.ts';
import { ApprovalRequest } from '../approval-request.ts';
import { canonicalDigest, sameJson } from '../canonical.ts';
import { parseBytes } from '../parse.ts';
import { PromotionRequest, requestIdOf } from '../request.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import type { Read } from '../vault-keys.ts';
import { isAbsent, type Promotion } from './statement.ts';
import { bytesOf, firstFault, tampered } from './verify-fields.ts';

/** Field 3: what was stated, what people were asked, and what they were shown, as the bytes of that day. */
export async function checkRequest(promotion: Promotion, trust: Trust, read: Read): Promise<Check> {
  const field = promotion.request;
  if (isAbsent(field)) return yes('request', `absent: ${field.absent}`);
  const bytes = await bytesOf(read, field.payload, 'the request as received');
  if (typeof bytes === 'string') return tampered('request', bytes);
  const parsed = parseBytes(PromotionRequest, bytes);
  if (!parsed.ok || requestIdOf(parsed.value) !== promotion.requestId)
    return tampered('request', 'the request is not the one its id names');
  const other = copiedOtherwise(parsed.value, promotion);
  if (other !== undefined) return tampered('request', `${other} is sealed otherwise than it was stated`);
  const reports = parsed.value.gates.map(({ name, report }) => ({ digest: report, what: `the report of gate ${name}` }));
  const lost = await firstFault(read, reports);
  if (lost !== undefined) return tampered('request', lost);
  const signIn = await bytesOf(read, field.requester.auth.jwk, "the key that verified the requester's sign-in");
  if (typeof signIn === 'string') return tampered('request', signIn);
  if (isAbsent(field.screen) || isAbsent(field.approvalRequest)) {
    return promotion.outcome === 'approved'
      ? tampered('request', 'an approval without a screen')
      : yes('request', 'as received; it ended before a screen was stored');
  }
  const screen = await bytesOf(read, field.screen, 'the screen');
  if (typeof screen === 'string') return tampered('request', screen);
  const asked = await bytesOf(read, field.approvalRequest, 'the approval request');
  if (typeof asked === 'string') return tampered('request', asked);
  const approvalRequest = parseBytes(ApprovalRequest, asked);
  if (!approvalRequest.ok) return tampered('request', 'the approval request does not parse');
  const fault = faultOfAsking(approvalRequest.value, promotion);
  if (fault !== undefined) return tampered('request', fault);
  return (
    (await checkAuthor(approvalRequest.value, trust, read)) ??
    yes('request', 'request, approval request and screen are the bytes of that day')
  );
}

/** Who wrote why signed in like a voter: an issuer the reader trusts, and the key that verified it is here. */
async function checkAuthor({ rationale }: ApprovalRequest, trust: Trust, read: Read): Promise<Check | undefined> {
  if (rationale === null) return undefined;
  const { iss } = rationale.author;
  if (!trust.issuers.includes(iss))
    return no('request', 'KEY_UNTRUSTED', `the issuer ${iss} of who wrote the rationale is not in the trust given`);
  const key = await bytesOf(read, rationale.auth.jwk, 'the key that verified the sign-in of who wrote the rationale');
  return typeof key === 'string' ? tampered('request', key) : undefined;
}

/** The event copies what was stated, so that it can be read alone; the metrics are recomputed and stand apart. */
function copiedOtherwise(stated: PromotionRequest, sealed: Promotion): string | undefined {
  const { challenger, scope } = sealed;
  // The entry before it in the ledger is ours to say, not the request's.
  const { previous: _, ...statedLineage } = sealed.lineage;
  const { line, environment, use, code, pipelineRun, gates, trigger } = stated;
  const compared = {
    against: stated.challenger.against,
    evaluationSlice: stated.challenger.evaluationSlice,
    metrics: [],
    predictions: stated.predictions ?? null,
    profiles: stated.profiles,
  };
  const answered = stated.answers === undefined ? {} : { answers: stated.answers };
  const copies: [string, unknown, unknown][] = [
    ['model', stated.model, sealed.model],
    ['challenger', compared, isAbsent(challenger) ? challenger : { ...challenger, metrics: [] }],
    ['explanation', stated.explanation, sealed.explanation],
    ['dataset', { slices: stated.dataset, evaluationRegime: stated.evaluationRegime }, sealed.dataset],
    ['scope', { line, environment, class: scope.class, context: use.context }, scope],
    ['provenance', { code, pipelineRun, gates, trigger }, sealed.provenance],
    ['lineage', { ...stated.comparedWith, supersedes: stated.supersedes ?? null, ...answered }, statedLineage],
  ];
  return copies.find(([, said, copy]) => !isAbsent(copy) && !sameJson(said, copy))?.[0];
}

/** People were asked about one request, one diff and one routing: the event must say the same three. */
function faultOfAsking(asked: ApprovalRequest, promotion: Promotion): string | undefined {
  const { request, diff, routing, approvals, outcome } = promotion;
  if (isAbsent(request) || asked.id !== promotion.requestId || asked.request !== request.payload)
    return 'the approval request is about something else';
  if (asked.diff !== canonicalDigest(diff)) return 'people were asked about another diff';
  if (asked.routing !== canonicalDigest(routing)) return 'people were asked under another routing';
  if (outcome !== 'approved' || isAbsent(routing) || routing.path === 'automated') return undefined;
  if (asked.rationale === null) return 'people were asked without a rationale';
  const { author } = asked.rationale;
  const voted = !isAbsent(approvals) && approvals.some(({ actor }) => sameActor(actor, author));
  return voted ? 'who wrote the rationale voted' : undefined;
}
