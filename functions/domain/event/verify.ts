import { sameJson } from '../canonical.ts';
import type { EventHash } from '../digest.ts';
import { checkLogged } from '../log/check.ts';
import { checkTimestamps } from '../log/check-timestamp.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { proofKey, type Read } from '../vault-keys.ts';
import { furtherSignatures, type Opened, openEnvelope } from './envelope.ts';
import {
  EVENT_TYPE,
  isAbsent,
  isAct,
  type Predicate,
  type Promotion,
  parseStatement,
  RECORD_TYPE,
  type Statement,
  sealedAt,
  statementOf,
} from './statement.ts';
import { checkConsents, checkTarget } from './verify-act.ts';
import { checkActivatedPack, checkActivationApprovals } from './verify-activation.ts';
import { checkApprovals } from './verify-approvals.ts';
import { checkBaselines } from './verify-baselines.ts';
import { checkChallenger, checkDataset, checkExplanation, checkModel, checkRouting } from './verify-fields.ts';
import { checkIntent } from './verify-intent.ts';
import { checkKeyChange, checkReattested } from './verify-keys.ts';
import { type Proven, verifyProven, witnessed } from './verify-proven.ts';
import { checkRequest } from './verify-request.ts';
import { checkDrift, checkSuspension } from './verify-standing.ts';

export type Verification = {
  readonly hash: EventHash | null;
  readonly predicate: Predicate | null;
  readonly checks: readonly Check[];
  /** When the bytes are one. */
  readonly statement?: Statement;
  readonly opened?: Opened;
};

/**
 * What an envelope says by itself: who signed it, over which bytes, and that they are a statement. Not yet whether what it
 * binds is there and true: that is `verifyEvent`.
 */
export async function verifySeal(
  bytes: Uint8Array,
  expected: EventHash | null,
  trust: Trust,
  read: Read,
): Promise<Verification> {
  const opened = openEnvelope(bytes);
  if (!opened.ok)
    return { hash: null, predicate: null, checks: [no('envelope', 'ENVELOPE_INVALID', opened.problems[0]?.detail ?? '')] };
  const { hash, payload } = opened.value;
  const parsed = parseStatement(payload);
  const predicate = parsed.ok ? parsed.value.predicate : null;
  const at = predicate === null ? undefined : sealedAt(predicate);
  const checks: Check[] = [
    yes('envelope', 'a DSSE envelope around an in-toto statement'),
    checkSignature(await verifyProven({ bytes, opened: opened.value }, trust, at, read)),
    expected === null || expected === hash
      ? yes('event hash', hash)
      : no('event hash', 'EVENT_HASH_MISMATCH', `asked for ${expected}, the payload is ${hash}`),
  ];
  if (!parsed.ok) {
    const [first] = parsed.problems;
    checks.push(no('statement', 'STATEMENT_INVALID', `${first?.pointer ?? ''} ${first?.detail ?? ''}`));
    return { hash, predicate, checks };
  }
  checks.push(checkStatement(parsed.value));
  return { hash, predicate, checks, statement: parsed.value, opened: opened.value };
}

/**
 * The verifier. It reads as its own specification: envelope, signature, hash, shape, then each of the six bound fields
 * against the bytes it names, then what decided and who. It never canonicalises what was signed, asks nothing of a server,
 * and takes its trust only from the caller.
 */
export async function verifyEvent(
  bytes: Uint8Array,
  expected: EventHash | null,
  trust: Trust,
  read: Read,
): Promise<Verification> {
  const seal = await verifySeal(bytes, expected, trust, read);
  const { hash, statement, opened, checks: sealed } = seal;
  if (hash === null || statement === undefined || opened === undefined) return seal;
  const checks = [...sealed];
  if (statement.predicate.kind === 'promotion') {
    const promotion = statement.predicate;
    checks.push(
      await checkModel(promotion, statement.subject, read),
      await checkChallenger(promotion, read),
      await checkRequest(promotion, trust, read),
      await checkApprovals(promotion, trust, read),
      await checkExplanation(promotion, read),
      await checkDataset(promotion, read),
      await checkRouting(promotion, read),
      await checkBaselines(promotion, trust, read),
    );
  }
  if (statement.predicate.kind === 'policyActivation') {
    const activation = statement.predicate;
    const proven = await witnessed(bytes, hash, trust, read);
    checks.push(
      await checkActivatedPack(activation, trust, read, proven),
      await checkActivationApprovals(activation, trust, read),
    );
  }
  if (isAct(statement.predicate)) {
    const act = statement.predicate;
    checks.push(await checkTarget(act, trust, read), await checkConsents(act, trust, read));
  }
  if (statement.predicate.kind === 'driftFinding') checks.push(...(await checkDrift(statement.predicate, trust, read)));
  if (statement.predicate.kind === 'keyChange') checks.push(await checkKeyChange(statement.predicate, opened, trust, read));
  if (statement.predicate.kind === 'reattestation') checks.push(checkReattested(statement.predicate));
  if (statement.predicate.kind === 'suspension') checks.push(await checkSuspension(statement.predicate, trust, read));
  if (statement.predicate.kind === 'intentTransition') checks.push(checkIntent(statement.predicate, trust));
  const proof = await read(proofKey(hash));
  const text = proof === undefined ? undefined : new TextDecoder().decode(proof);
  for (const check of [checkLogged(bytes, text, trust), await checkTimestamps(text, trust, read)])
    if (check) checks.push(check);
  return { hash, predicate: statement.predicate, checks };
}

function checkSignature(verified: Proven): Check {
  if (verified.ok) {
    const { keyid, how } = verified.value;
    return yes(
      'signature',
      `ECDSA P-256 by key ${keyid.slice(0, 16)}…, trusted by you${how}${furtherSignatures(verified.value)}`,
    );
  }
  const [first] = verified.problems;
  return no('signature', first?.code ?? 'SIGNATURE_INVALID', first?.detail ?? '');
}

/** Records that are about themselves: their subject follows from what they say. */
const ITS_OWN_SUBJECT: ReadonlySet<Predicate['kind']> = new Set([
  'driftFinding',
  'suspension',
  'keyChange',
  'reattestation',
  'canary',
  'freeze',
  'thaw',
  'intentTransition',
]);

/** The type says what it is: only an approved promotion, with nothing missing, is a promotion event. */
function checkStatement(statement: Statement): Check {
  const { predicate, predicateType } = statement;
  const approved = predicate.kind === 'promotion' && predicate.outcome === 'approved';
  if (predicateType !== (approved ? EVENT_TYPE : RECORD_TYPE)) {
    return no('statement', 'STATEMENT_INVALID', `the type ${predicateType} does not fit what is inside`);
  }
  const { kind } = predicate;
  if (ITS_OWN_SUBJECT.has(kind) && !sameJson(statement.subject, statementOf(predicate).subject))
    return no('statement', 'STATEMENT_INVALID', 'the subject is not this record');
  if (!approved)
    return yes('statement', `a record: ${predicate.kind}${predicate.kind === 'promotion' ? ` ${predicate.outcome}` : ''}`);
  const decided: [string, unknown][] = [...fieldsOf(predicate), ['diff', predicate.diff], ['routing', predicate.routing]];
  const missing = decided.filter(([, field]) => field === undefined || isAbsent(field));
  if (missing.length > 0)
    return no('statement', 'STATEMENT_INVALID', `an approval without ${missing.map(([name]) => name).join(', ')}`);
  return yes('statement', 'an approved promotion with all six fields');
}

/** The six bound fields (R3), by their names. */
export const fieldsOf = (promotion: Promotion): [string, unknown][] => [
  ['model', promotion.model],
  ['challenger', promotion.challenger],
  ['request', promotion.request],
  ['approvals', promotion.approvals],
  ['explanation', promotion.explanation],
  ['dataset', promotion.dataset],
];
