import { code, type Html, html, list, type Part, pairs, said, table, time } from '../../approve/screen/markup.ts';
import { handleOf } from '../../domain/actor.ts';
import type { EventHash } from '../../domain/digest.ts';
import type { Head } from '../../domain/rows.ts';
import type { Measured } from '../../domain/standing.ts';
import type { Standing, StandingRecord } from '../../standing.ts';
import { csrfField, layout, type Viewer } from './layout.ts';

export type LinePageView = {
  readonly viewer: Viewer;
  readonly line: string;
  readonly environment: string;
  /** Handle of the owner of record, as registered. */
  readonly owner: string;
  readonly head: Head;
  readonly standing: Standing;
  readonly records: readonly (StandingRecord & { readonly answeredBy: EventHash | null })[];
  /** Why this person may not suspend or resume it; empty when they may. */
  readonly whyNot: string;
};

const event = (hash: EventHash): Html => html`<a href="/events/${hash}">${code(hash)}</a>`;
const eventOrNone = (hash: EventHash | null): Part => (hash === null ? 'none' : event(hash));

const measured = (one: Measured): string =>
  `${one.what}${one.what === 'score' ? '' : ` ${one.name}`}: PSI ${one.psi} on ${one.n} rows, ${one.window.from} to ${one.window.to}`;

/** What is active, what stands against the next promotion, and the owner's two acts. */
export function linePage(view: LinePageView): string {
  const { head, standing } = view;
  const body = html`${pairs([
    ['Active', eventOrNone(head.incumbent)],
    ['Last approved by people', eventOrNone(head.lastHumanApproved)],
    ['Owner of record', code(view.owner)],
    ['Automated path', automatedPath(standing)],
  ])}
<p><a href="/lines/${view.line}/${view.environment}/ledger">Ledger: every transition, and the brakes</a></p>
<h2>Drift that nobody has answered</h2>
${standing.drift.length > 0 ? standing.drift.map(finding) : html`<p>None.</p>`}
<h2>${isSuspended(standing) ? 'Resume' : 'Suspend'} the automated path</h2>
${view.whyNot === '' ? form(view) : html`<p class="notice">You cannot do this: ${view.whyNot}.</p>`}
${table(
  'Sealed about this line',
  [
    { head: 'When', cell: ({ record }) => time(record.at), as: 'words' },
    { head: 'What', cell: ({ record }) => (record.kind === 'suspension' ? record.state : 'drift found'), as: 'words' },
    { head: 'By', cell: ({ record }) => code(handleOf(record.actor)), as: 'words' },
    { head: 'Record', cell: (one) => event(one.event) },
    { head: 'Answered by', cell: (one) => eventOrNone(one.answeredBy) },
  ],
  view.records,
)}`;
  return layout({ title: `${view.line} into ${view.environment}`, viewer: view.viewer, body, wide: true });
}

const isSuspended = ({ suspension }: Standing): boolean => suspension?.record.state === 'suspended';

function automatedPath({ suspension, drift }: Standing): Part {
  if (suspension?.record.state === 'suspended')
    return html`<strong>suspended</strong> since ${time(suspension.record.at)} (${event(suspension.event)})${said(suspension.record.reason)}`;
  return drift.length > 0 ? 'not suspended; the drift below sends the next promotion to people' : 'as the policy decides';
}

const finding = ({ event: hash, record }: Standing['drift'][number]): Html => html`<section>
${pairs([
  ['Finding', event(hash)],
  ['Reported', html`${time(record.at)} by ${code(handleOf(record.actor))}`],
  ['Watched', event(record.event)],
  ['Measured', list(record.measured.map(measured))],
])}
<p>The next promotion goes to people. It ends when they approve a version whose request names the finding in its ${code('answers')}.</p>
</section>
`;

function form(view: LinePageView): Html {
  const suspended = isSuspended(view.standing);
  return html`<form method="post" action="/lines/${view.line}/${view.environment}/suspension" autocomplete="off">
${csrfField(view.viewer)}
<input type="hidden" name="state" value="${suspended ? 'resumed' : 'suspended'}">
<p>${
    suspended
      ? 'From then on the policy decides again which promotions go without people.'
      : 'From then on every promotion of this line goes to people, also those that were announced and are not decided.'
  } What is running keeps running. It is sealed in your name, with your reason.</p>
<div class="field"><label for="reason">Reason</label>
<textarea id="reason" name="reason" rows="4" required aria-describedby="reason-help"></textarea>
<p class="quiet" id="reason-help">It can never be erased: name roles, not people.</p></div>
<p><button type="submit">${suspended ? 'Resume' : 'Suspend'}</button></p>
</form>
`;
}
