import { type Agreed, termsOf } from '../../functions/domain/act.ts';
import { handleOf } from '../../functions/domain/actor.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import { isAbsent, type Predicate, type Promotion } from '../../functions/domain/event/statement.ts';
import { summaryOf } from '../../functions/domain/event/summary.ts';
import { paint, table } from '../output.ts';

/** A sealed event in short: what was decided, the six fields, and where everything else is. */
export function eventText(event: EventHash, predicate: Predicate): string[] {
  const lines = [`${event}`, ...told(predicate)];
  return [...lines, '', 'check it: countersign export EVENT --out evidence; countersign verify evidence --trust TRUST'];
}

function told(predicate: Predicate): string[] {
  switch (predicate.kind) {
    case 'promotion':
      return promotionText(predicate);
    case 'start':
      return [
        `the start of ${predicate.organisation}, ${predicate.at}; kept by ${predicate.retentionOwner}`,
        predicate.statement,
      ];
    case 'policyActivation':
      return [`policy ${predicate.pack}`, `in force since ${predicate.at}`];
    case 'driftFinding':
      return [
        `drift found on ${predicate.line}/${predicate.environment}, at ${predicate.at}`,
        `of the version ${predicate.event}`,
        ...predicate.measured.map((one) => `${one.what}${'name' in one ? ` ${one.name}` : ''}: PSI ${one.psi}, n ${one.n}`),
      ];
    case 'suspension':
      return [
        `automated path of ${predicate.line}/${predicate.environment} ${predicate.state}, at ${predicate.at}`,
        `by ${handleOf(predicate.actor)}: ${predicate.reason}`,
      ];
    case 'keyChange':
      return [
        `list ${predicate.keys.version} of keys, ${predicate.change.what}, at ${predicate.at}`,
        ...predicate.keys.keys.map(
          ({ keyid, status, use, notAfter }) => `${keyid.slice(0, 16)}… ${status} to ${use}, until ${notAfter}`,
        ),
      ];
    case 'reattestation':
      return [`re-attested ${predicate.event}, at ${predicate.at}`, predicate.reason];
    case 'canary':
      return [`a canary: sealed at ${predicate.at} to see that it works`];
    case 'freeze':
      return [`frozen since ${predicate.at}: ${predicate.reason}`];
    case 'thaw':
      return [`frozen from ${predicate.since} to ${predicate.at}; ${predicate.intents.length} deployments on a signed intent`];
    case 'intentTransition':
      return [
        `deployed while frozen in ${predicate.scope.line}/${predicate.scope.environment}: ${predicate.intent.target}`,
        `by ${handleOf(predicate.intent.authoriser)} at ${predicate.at}: ${predicate.intent.reason}`,
      ];
    case 'transition':
    case 'revocation':
    case 'breakGlass':
      return actText(predicate);
  }
}

function actText(act: Agreed): string[] {
  const { what } = termsOf(act);
  const where = `${act.scope.line}/${act.scope.environment}`;
  const about =
    act.kind === 'breakGlass'
      ? `ran without an approval in ${where} until ${act.until}: ${act.root}`
      : `${what} in ${where}: ${act.kind === 'revocation' ? act.event : (act.from ?? 'nothing')} → ${act.to ?? 'nothing'}`;
  return [
    about,
    act.reason,
    ...act.approvals.map(({ actor, auth, at }) => `consent of ${handleOf(actor)} with ${auth.roles.join(', ')} at ${at}`),
  ];
}

function promotionText(promotion: Promotion): string[] {
  const { outcome, scope, requestId, times, routing, reasons } = promotion;
  const path = isAbsent(routing) ? 'not routed' : `${routing.path} path`;
  const fields = summaryOf(promotion).map(({ field, absent, lines }) => {
    const shown = lines.map(({ what, text, digest, at }) => [`${what}:`, text, digest, at].filter(Boolean).join(' '));
    return absent === null ? ([field, shown] as const) : ([field, [`missing: ${absent}`]] as const);
  });
  // One row for each line, so that a digest is never broken in the middle.
  const rows = fields.flatMap(([field, shown]) => shown.map((line, i) => [i === 0 ? field : '', line]));
  return [
    `${paint('bold', outcome)} into ${scope.line}/${scope.environment}, ${path}`,
    `at ${times.decidedAt}, request ${requestId}`,
    ...reasons.map(({ code, detail }) => `${paint('red', code)} ${detail}`),
    '',
    ...table(['field', 'sealed'], rows).split('\n'),
  ];
}
