import type { Digest, EventHash } from '../domain/digest.ts';
import type { Code } from '../domain/errors.ts';
import { countedPersons, flawOfPolicy } from '../domain/event/counted.ts';
import { furtherSignatures, openEnvelope } from '../domain/event/envelope.ts';
import { isAbsent, type Promotion, parseStatement, type Statement, saidNo } from '../domain/event/statement.ts';
import { verifyProven } from '../domain/event/verify-proven.ts';
import { missingSeats } from '../domain/quorum.ts';
import type { Problem } from '../domain/result.ts';
import { EventRow, keys } from '../domain/rows.ts';
import type { Check, Trust, Verdict } from '../domain/trust.ts';
import { frozenProblem, type Warden } from '../health.ts';
import type { Clock, Index, Vault } from '../ports.ts';
import { readHead } from '../store.ts';
import { breakGlassChecks } from './break-glass.ts';
import { envelopeOf, keepIntent } from './frozen.ts';
import { loggedCheck, provenIn } from './logged.ts';

/**
 * What is about to run, and where. Root and manifest are computed from the bytes by who deploys them, never read from the event:
 * the OMS root covers digests in path order but no names, the manifest binds the names (docs/decisions/0016).
 */
export type Question = {
  readonly event: EventHash;
  readonly root: Digest;
  readonly manifest: Digest;
  readonly line: string;
  readonly environment: string;
  /** Presented with the question, for while the store is frozen. */
  readonly presented?: { readonly intent?: Uint8Array; readonly envelope?: Uint8Array; readonly proof?: string };
};

type Found = { readonly name: string; readonly code: Code; readonly detail: string };

/**
 * "May this artefact run here?" Every doubt is a no: unknown means the pipeline must stop, and says so apart from a denial
 * (R22). Trust is the gate's own configuration. Checks run in order; the first that fails gives the verdict its code.
 */
export async function judge(
  store: { vault: Vault; index: Index; clock: Clock; health?: Warden },
  question: Question,
  trust: Trust | undefined,
): Promise<Verdict> {
  const checks: Check[] = [];
  const passed = (name: string, detail: string) => void checks.push({ name, ok: true, detail });
  const verdict = (kind: 'deny' | 'unknown', { name, code, detail }: Found): Verdict => {
    checks.push({ name, ok: false, detail, code });
    return { verdict: kind, code, eventHash: question.event, checks };
  };
  if (trust === undefined)
    return verdict('unknown', { name: 'trust', code: 'NO_TRUST', detail: 'no trust was configured for this gate' });
  let frozen: Problem | undefined;
  try {
    frozen = await frozenProblem(store);
    const row = await store.index.get(keys.event(question.event));
    if (!row) return verdict('deny', { name: 'event', code: 'NOT_FOUND', detail: `${question.event} is not sealed here` });
    const bytes = await envelopeOf(store.vault, EventRow.parse(row.body).key, question.presented?.envelope);
    if (!bytes)
      return verdict('unknown', { name: 'event', code: 'CANNOT_TELL', detail: 'the vault does not have the envelope' });
    const opened = openEnvelope(bytes);
    if (!opened.ok)
      return verdict('deny', { name: 'envelope', code: 'ENVELOPE_INVALID', detail: opened.problems[0]?.detail ?? '' });
    const parsed = parseStatement(opened.value.payload);
    const predicate = parsed.ok ? parsed.value.predicate : undefined;
    const at = predicate?.kind === 'promotion' ? predicate.times.decidedAt : predicate?.at;
    const signed = await verifyProven({ bytes, opened: opened.value }, trust, at, provenIn(store, opened.value, trust));
    const first = signed.ok ? undefined : signed.problems[0];
    if (first) return verdict('deny', { name: 'signature', code: first.code, detail: first.detail });
    const further = signed.ok ? `${signed.value.how}${furtherSignatures(signed.value)}` : '';
    passed('signature', `signed by a key trusted for this environment${further}`);
    if (opened.value.hash !== question.event) {
      return verdict('deny', {
        name: 'event hash',
        code: 'EVENT_HASH_MISMATCH',
        detail: `the payload is ${opened.value.hash}`,
      });
    }
    passed('event hash', question.event);
    if (!parsed.ok)
      return verdict('deny', { name: 'statement', code: 'STATEMENT_INVALID', detail: parsed.problems[0]?.detail ?? '' });
    const { predicate: sealed } = parsed.value;
    if (sealed.kind === 'breakGlass') {
      for (const check of breakGlassChecks(sealed, question, trust, store.clock.now())) {
        if (check.code) return verdict('deny', { ...check, code: check.code });
        passed(check.name, check.detail);
      }
    } else
      for (const check of checksOf(parsed.value, question, trust)) {
        if ('code' in check) return verdict('deny', check);
        passed(check.name, check.detail);
      }
    const logged = await loggedCheck(store, question.event, bytes, trust, question.presented?.proof);
    if (logged) checks.push(logged.check);
    if (logged?.check.code && logged.verdict !== 'allow')
      return { verdict: logged.verdict, code: logged.check.code, eventHash: question.event, checks };
    if (sealed.kind === 'breakGlass') {
      if (await store.index.get(keys.revoked(question.event)))
        return verdict('deny', { name: 'window', code: 'REVOKED', detail: 'it was taken back before its hours were over' });
      return { verdict: 'allow', code: 'BREAK_GLASS', eventHash: question.event, checks };
    }
    const { scope } = sealed as Promotion;
    // Asked of the version, not of the head: an index edited to point back at it does not bring it back.
    if (await store.index.get(keys.archived(question.event))) {
      return verdict('deny', { name: 'active', code: 'ARCHIVED', detail: `ended in ${scope.environment} without a successor` });
    }
    if (await store.index.get(keys.revoked(question.event))) {
      return verdict('deny', { name: 'active', code: 'REVOKED', detail: 'its approval was taken back' });
    }
    if (frozen) {
      const kept = await keepIntent(store, question, trust, frozen);
      checks.push(kept);
      return kept.code
        ? { verdict: 'unknown', code: kept.code, eventHash: question.event, checks }
        : { verdict: 'allow', code: 'INTENT', eventHash: question.event, checks };
    }
    const { head } = await readHead(store.index, scope.line, scope.environment);
    if (head.incumbent !== question.event) {
      return verdict('deny', { name: 'active', code: 'NOT_ACTIVE', detail: `active is ${head.incumbent ?? 'nothing'}` });
    }
    passed('active', 'the active version of its line and environment');
    return { verdict: 'allow', code: 'OK', eventHash: question.event, checks };
  } catch (error) {
    // The gate must always answer. What it cannot find out is a refusal of its own kind.
    const detail = error instanceof Error ? error.message : 'the evidence store did not answer';
    if (frozen && !question.presented?.intent)
      return verdict('unknown', { name: 'frozen', code: 'FROZEN', detail: frozen.detail });
    return verdict('unknown', { name: 'evidence store', code: 'CANNOT_TELL', detail });
  }
}

function* checksOf(
  statement: Statement,
  question: Question,
  trust: Trust,
): Generator<Found | { name: string; detail: string }> {
  const { predicate } = statement;
  if (
    predicate.kind !== 'promotion' ||
    predicate.outcome !== 'approved' ||
    !statement.predicateType.includes('/promotion-event/')
  ) {
    const what = predicate.kind === 'promotion' ? predicate.outcome : predicate.kind;
    yield { name: 'outcome', code: 'NOT_APPROVED', detail: `this record says ${what}` };
    return;
  }
  yield { name: 'outcome', detail: 'an approved promotion' };
  yield artefactCheck(statement, question);
  yield scopeCheck(predicate, question, trust);
  yield approvalCheck(predicate, trust);
}

/** One model may serve two lines: approved for one use is not approved for the other. */
function scopeCheck({ scope }: Promotion, question: Question, trust: Trust): Found | { name: string; detail: string } {
  const here = scope.environment === question.environment && trust.environment === question.environment;
  if (here && scope.line === question.line)
    return { name: 'scope', detail: `approved for ${scope.line} in ${scope.environment}` };
  const detail =
    `approved for ${scope.line} in ${scope.environment}, asked for ${question.line} in ${question.environment}, ` +
    `this gate guards ${trust.environment}`;
  return { name: 'scope', code: 'OUT_OF_SCOPE', detail };
}

function artefactCheck(statement: Statement, question: Question): Found | { name: string; detail: string } {
  const { model } = statement.predicate as Promotion;
  const mismatch = (detail: string): Found => ({ name: 'artefact', code: 'ARTEFACT_MISMATCH', detail });
  const [bytes, names] = statement.subject.map(({ digest }) => `sha256:${digest.sha256}`);
  if (isAbsent(model) || bytes !== model.root || names !== model.manifest) return mismatch('the event names no one model');
  if (model.root !== question.root) return mismatch(`approved was ${model.root}, offered is ${question.root}`);
  if (model.manifest === question.manifest)
    return { name: 'artefact', detail: 'the bytes offered are the bytes approved, under the same names' };
  return mismatch(
    `same bytes, other names: a file or the model is called otherwise than approved; approved was manifest ${model.manifest}, ` +
      `offered is ${question.manifest}`,
  );
}

const UNSIGNED: Found = {
  name: 'approvers',
  code: 'HUMAN_SIGNATURE_MISSING',
  detail: 'the votes are not signed by the approvers themselves',
};

/** R22a: not only some approval, but the one its own routing asked for. */
function approvalCheck(promotion: Promotion, trust: Trust): Found | { name: string; detail: string } {
  const { routing, approvals } = promotion;
  if (isAbsent(routing) || isAbsent(approvals))
    return { name: 'path', code: 'NOT_APPROVED', detail: 'no routing or no approvals inside' };
  if (!approvals.every((approval) => trust.issuers.includes(approval.actor.iss)))
    return {
      name: 'path',
      code: 'NOT_APPROVED',
      detail: `an approval of the ${routing.path} path is from an issuer that is not trusted`,
    };
  if (routing.path === 'automated') {
    const flaw = flawOfPolicy(routing, approvals);
    if (flaw !== undefined) return { name: 'path', code: 'NOT_APPROVED', detail: flaw };
    if (routing.groups.length === 0) return { name: 'path', detail: 'automated, approved by the sealed policy' };
    if (trust.humanSignature === 'required') return UNSIGNED;
    return { name: 'path', detail: 'automated, approved by the sealed policy and acknowledged by somebody on call' };
  }
  const persons = countedPersons(routing, approvals);
  const missing = missingSeats(routing.groups, persons);
  if (routing.groups.length === 0 || missing.length > 0 || saidNo(approvals)) {
    const lacks = missing.map((group) => `${group.missing} ${group.role}`).join(', ') || 'the consent of all who voted';
    return { name: 'path', code: 'NOT_APPROVED', detail: `the ${routing.path} path lacks ${lacks}` };
  }
  if (trust.humanSignature === 'required') return UNSIGNED;
  return { name: 'path', detail: `${routing.path}, ${persons.length} approvals, as its routing asked` };
}
