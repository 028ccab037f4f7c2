import { handleOf } from '../../domain/actor.ts';
import { isFirst } from './figures.ts';
import { code, type Html, html, type Pair, pairs, time } from './markup.ts';
import type { ScreenView } from './view.ts';

const SECTIONS = [
  ['request', 'Request'],
  ['why', 'Why you are being asked'],
  ['changes', 'What changed'],
  ['comparison', 'Challenger comparison'],
  ['population', 'Population'],
  ['fairness', 'Fairness'],
  ['explanation', 'Explanation'],
  ['words', 'What the requester says'],
  ['outcome', 'What happens on approval'],
  ['evidence', 'Evidence'],
] as const;
type Section = (typeof SECTIONS)[number][0];

export const heading = (section: Section): Html => {
  const at = SECTIONS.findIndex(([id]) => id === section);
  return html`<h2 id="${section}">${at + 1}. ${SECTIONS[at]?.[1]}</h2>\n`;
};

/** Title, and the way to each section. */
export function headerSection({ request, diff }: ScreenView): Html {
  const first = isFirst(diff);
  return html`<header>
<h1>${request.model.name} ${request.model.version} into ${request.environment}</h1>
<p class="quiet">The hash of this page is shown by the frame around it, never by the page itself. Times are UTC, figures stand as
sealed. People and services appear by a pseudonymous handle.</p>
${
  first &&
  html`<p class="path"><strong>A first version.</strong> Nothing is active on this line in ${request.environment}, and people have
approved nothing there: there is nothing to compare with. What follows is about the candidate alone; columns and tables against an
older version are left out.</p>
`
}<nav aria-label="Sections"><ul>${SECTIONS.map(([id, title], i) => html`<li><a href="#${id}">${i + 1}. ${title}</a></li>\n`)}</ul></nav>
</header>
`;
}

/** What is asked, of which bytes, and by when. */
export function requestSection(view: ScreenView): Html {
  const { request, routing, line, incumbent, approvalRequest } = view;
  const { against } = request.challenger;
  const first = isFirst(view.diff);
  const rows: Pair[] = [
    ['Request', code(view.requestId)],
    ['Model', `${request.model.name}, version ${request.model.version}`],
    ['Line and environment', `${request.line}, into ${request.environment}`],
    ...(first
      ? []
      : ([
          [
            'From (incumbent root)',
            against.kind === 'incumbent' ? code(against.root) : 'no incumbent: nothing is active there',
          ],
          ['Incumbent version', incumbent ? `${incumbent.model}, version ${incumbent.version}` : 'none'],
        ] as Pair[])),
    ['To (candidate root)', code(request.model.root)],
    ['Tier', line ? line.tier : 'unknown: model risk registered no such line'],
    ...(line ? ([['Exposure and purpose', `${line.exposure}; ${line.purpose}`]] as Pair[]) : []),
    ...(line ? ([['Owner of record', html`person ${code(handleOf(line.ownerOfRecord))}`]] as Pair[]) : []),
    ['Path', routing.path],
    ['Policy pack', code(routing.pack)],
    ['Received', time(view.receivedAt)],
    ['Routed', time(view.routedAt)],
    ['Due', approvalRequest.expiresAt ? time(approvalRequest.expiresAt) : 'no date: nobody is asked'],
    ['Requester', html`${view.requester.kind} ${code(handleOf(view.requester))}`],
    ['Trigger', request.trigger.ref ? `${request.trigger.kind}, ${request.trigger.ref}` : request.trigger.kind],
    ...(request.supersedes ? ([['Supersedes request', code(request.supersedes)]] as Pair[]) : []),
  ];
  return html`<section>${heading('request')}${pairs(rows)}</section>
`;
}
