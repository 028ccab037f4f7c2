import { heading } from './header.ts';
import { code, type Html, html, list, type Part, table, time } from './markup.ts';
import type { Baseline, ScreenView } from './view.ts';

const baseline = (one: Baseline): Html => html`${one.model}, version ${one.version}, approved by event ${code(one.event)}`;

/** The consequence of a yes, and the way back. */
export function outcomeSection({
  request,
  routing,
  rulebook,
  incumbent,
  lastHumanApproved,
  approvalRequest,
}: ScreenView): Html {
  const { decisionRule, terms } = request;
  const steps: Part[] = [
    html`One event is sealed and signed; only then may ${request.model.name} version ${request.model.version} run in
${request.environment}.`,
    `It becomes the active version of line ${request.line} there.`,
    'A rejection, a return or no answer in time is sealed too, and changes nothing that runs.',
    approvalRequest.expiresAt &&
      html`Without a decision the request ends at ${time(approvalRequest.expiresAt)}. Silence never approves.`,
  ];
  return html`<section>${heading('outcome')}
${list(steps.filter((step) => step !== null))}
<h3>The way back</h3>
<p>${incumbent ? html`One would roll back to ${baseline(incumbent)}.` : 'Nothing sealed is there to roll back to: this is the first version.'}</p>
<p>${lastHumanApproved ? html`People last approved ${baseline(lastHumanApproved)}.` : 'People have approved no version of this line here yet.'}</p>
${table(
  `Score to action (score: ${decisionRule.score}; thresholds: ${decisionRule.thresholds.join(', ')})`,
  [
    { head: 'Action', cell: (range) => range.action },
    { head: 'From', as: 'number', cell: (range) => range.from },
    { head: 'To', as: 'number', cell: (range) => range.to },
    { head: 'Adverse', cell: (range) => (decisionRule.adverseAction.includes(range.action) ? 'yes: reasons are owed' : 'no') },
  ],
  decisionRule.actions,
)}
${table(
  'Bands this approval seals for the next promotion',
  [
    { head: 'Metric', cell: (band) => band.metric },
    { head: 'Segment', cell: (band) => band.segment ?? 'overall' },
    { head: 'At most worse by', as: 'number', cell: (band) => band.maxWorse },
  ],
  terms.bands,
)}
${table(
  'Duties that come with it',
  [
    { head: 'Duty', cell: (duty) => html`${duty.code} ${rulebook[duty.code]?.title}` },
    { head: 'What to do', cell: (duty) => rulebook[duty.code]?.description ?? 'The rule book has no words for this code.' },
  ],
  routing.obligations,
)}</section>
`;
}
