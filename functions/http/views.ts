// From what is known of a request to what the pages show of it.

import { type Dossier, factsOf } from '../domain/dossier.ts';
import { stateOf } from '../domain/flow.ts';
import { heaviest } from '../domain/routing.ts';
import type { Instant } from '../domain/text.ts';
import type { InboxRow } from './pages/inbox.ts';
import type { Status } from './status.ts';

export function inboxRow(status: Status): InboxRow {
  const { dossier, request, routing, findings } = status;
  const worst = heaviest(findings.map((finding) => finding.minPath));
  const heavy = findings.filter((finding) => finding.minPath === worst && worst !== 'automated');
  const deciding = new Map(heavy.map((finding) => [finding.code, finding.title]));
  return {
    requestId: dossier.request.id,
    line: dossier.request.line,
    environment: dossier.request.environment,
    model: request.model.name,
    version: request.model.version,
    path: routing?.path ?? null,
    state: dossier.decision?.outcome ?? stateOf(factsOf(dossier)),
    due: dossier.screen?.expiresAt ?? null,
    answerBy: status.answerBy,
    receivedAt: dossier.request.receivedAt,
    outstanding: status.outstanding,
    deciding: [...deciding].map(([code, title]) => ({ code, title })),
  };
}

export function timelineOf(dossier: Dossier): { at: Instant; what: string }[] {
  const { request, comparison, routing, rationale, screen, decision, seal } = dossier;
  const entries = [
    { at: request.receivedAt, what: 'received and frozen' },
    ...(comparison ? [{ at: comparison.comparedAt, what: 'compared with the incumbent' }] : []),
    ...(routing ? [{ at: routing.routedAt, what: `routed: ${routing.path}` }] : []),
    ...(rationale ? [{ at: rationale.at, what: 'rationale written' }] : []),
    ...(screen ? [{ at: screen.storedAt, what: 'screen stored' }] : []),
    ...dossier.served.map((served) => ({ at: served.servedAt, what: 'screen served to one person' })),
    ...dossier.votes.map((vote) => ({ at: vote.castAt, what: 'decision cast' })),
    ...(decision ? [{ at: decision.decidedAt, what: `decided: ${decision.outcome}` }] : []),
  ];
  const sorted = entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  // The seal has no time of its own: its statement is a pure function of what stands above.
  return decision && seal ? [...sorted, { at: decision.decidedAt, what: 'sealed' }] : sorted;
}
