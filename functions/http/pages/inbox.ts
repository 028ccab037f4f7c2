import { code, type Html, html, list, type Part, table, time } from '../../approve/screen/markup.ts';
import type { EventHash } from '../../domain/digest.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Path } from '../../domain/routing.ts';
import type { Outcome } from '../../domain/rows.ts';
import type { AnswerBy } from '../../domain/sla.ts';
import type { Instant } from '../../domain/text.ts';
import { type ActTold, actsTable } from './acts.ts';
import { layout, STATUS_WORDS, type Status, type Viewer } from './layout.ts';
import { type FromRegistries, registriesPart } from './registries.ts';

export type Outstanding = { readonly role: string; readonly from: string; readonly missing: number };

export type InboxRow = {
  readonly requestId: RequestId;
  readonly line: string;
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly path: Path | null;
  readonly state: Status;
  readonly receivedAt: Instant;
  /** When the time to decide ends. */
  readonly due: Instant | null;
  /** When an answer is late, where the policy says so. */
  readonly answerBy: AnswerBy | null;
  /** It is late, and the reader is one of those who are shown it then. */
  readonly escalated?: boolean;
  readonly outstanding: readonly Outstanding[];
  /** The rules that decided the path, in the rule book's words. */
  readonly deciding: readonly { readonly code: string; readonly title: string }[];
};

export type DecidedRow = {
  readonly event: EventHash;
  readonly requestId: RequestId;
  readonly line: string;
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly path: Path | null;
  readonly outcome: Outcome;
  readonly decidedAt: Instant;
  /** Codes of the rules that decided the path, or of what was refused. */
  readonly rules: readonly string[];
};

export type InboxView = {
  readonly viewer: Viewer;
  readonly now: Instant;
  /** Proposals of other people that wait for this one. */
  readonly acts: readonly ActTold[];
  readonly mine: readonly InboxRow[];
  readonly escalated: readonly InboxRow[];
  readonly others: readonly InboxRow[];
  readonly registries?: FromRegistries;
  readonly decided: readonly DecidedRow[];
  readonly page: number;
  readonly pages: number;
  /** Sealed records that were not read yet. */
  readonly unread: number;
  readonly server: string;
};

export const missing = ({ role, from, missing: count }: Outstanding): string => `${count} × ${role} of ${from}`;

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const;

export function ageOf(since: Instant, now: Instant): string {
  const passed = Date.parse(now) - Date.parse(since);
  const [size, unit] = UNITS.find(([one]) => passed >= one) ?? [0, ''];
  const count = size === 0 ? 0 : Math.floor(passed / size);
  return count === 0 ? 'just now' : `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

const pathText = (path: Path | null): string => path ?? 'not routed';

const modelCell = (href: string, { model, version, line, environment }: Omit<InboxRow, 'state' | 'due'> | DecidedRow): Part =>
  html`<a href="${href}">${model} ${version}</a><br><span class="quiet">${line} into ${environment}</span>`;

/** By when an answer is asked for, and when nobody can give one any more. */
export const dueCell = ({ answerBy, due }: Pick<InboxRow, 'answerBy' | 'due'>): Part => {
  const ends = due ? html`${time(due)}` : 'no date yet';
  if (answerBy === null) return ends;
  const asked = answerBy.overdue ? html`<strong>overdue since ${time(answerBy.at)}</strong>` : html`due ${time(answerBy.at)}`;
  return html`${asked}<br><span class="quiet">${due ? html`ends ${time(due)}` : 'no end yet'}</span>`;
};

const waiting = (caption: string, rows: readonly InboxRow[], now: Instant): Html =>
  table(
    caption,
    [
      { head: 'Model', cell: (row) => modelCell(`/requests/${row.requestId}`, row) },
      { head: 'Path', cell: (row) => pathText(row.path), as: 'words' },
      {
        head: 'State',
        cell: (row) => html`${STATUS_WORDS[row.state]}${row.escalated && html`<br><strong>escalated to you</strong>`}`,
        as: 'words',
      },
      {
        head: 'Because',
        as: 'words',
        cell: (row) =>
          row.deciding.length > 0 ? list(row.deciding.map((rule) => `${rule.code} ${rule.title}`)) : 'no rule fired',
      },
      {
        head: 'Still missing',
        as: 'words',
        cell: (row) =>
          row.state === 'needsRationale'
            ? 'a written rationale'
            : row.outstanding.length > 0
              ? list(row.outstanding.map(missing))
              : 'nobody',
      },
      { head: 'Announced', cell: (row) => ageOf(row.receivedAt, now), as: 'words' },
      { head: 'Due', cell: dueCell, as: 'words' },
    ],
    rows,
  );

const decidedTable = ({ decided, now }: InboxView): Html =>
  table(
    'Latest first',
    [
      { head: 'Model', cell: (row) => modelCell(`/requests/${row.requestId}`, row) },
      { head: 'Path', cell: (row) => pathText(row.path), as: 'words' },
      { head: 'Outcome', cell: (row) => STATUS_WORDS[row.outcome], as: 'words' },
      { head: 'Because', cell: (row) => row.rules.join(', ') || 'no rule fired', as: 'words' },
      {
        head: 'Decided',
        cell: (row) => html`${time(row.decidedAt)}<br><span class="quiet">${ageOf(row.decidedAt, now)}</span>`,
      },
      {
        head: 'Event',
        cell: (row) => html`<a href="/events/${row.event}">${code(`${row.event.slice(7, 19)}…`)}</a>`,
        as: 'words',
      },
    ],
    decided,
  );

const pager = ({ page, pages }: InboxView): Html | false =>
  pages > 1 &&
  html`<nav aria-label="Pages of what was decided"><p>Page ${page} of ${pages}.
${page > 1 && html`<a href="/?page=${page - 1}#decided">Later ones</a> `}${page < pages && html`<a href="/?page=${page + 1}#decided">Earlier ones</a>`}</p></nav>
`;

/** Said where there is nothing: what would make something appear. */
const beginning = (server: string): Html => html`<div class="notice"><p>Nothing was announced here yet. A pipeline announces a
promotion, or you try it with the example:</p>
<pre># which path, and why; writes nothing
npx countersign plan FOLDER --manifest FILE --server ${server}
# announces it; it then appears here
npx countersign request FOLDER --manifest FILE --server ${server}</pre>
<p>Automated promotions are sealed at once and appear under “Decided”. <a href="/rules">The rule book</a> says what asks for
people.</p></div>
`;

/** What waits, soonest first as the caller sorts it, and what was decided. */
export function inboxPage(view: InboxView): string {
  const { acts, mine, escalated, others, decided, unread, now } = view;
  const nothing = acts.length + mine.length + escalated.length + others.length + decided.length === 0 && unread === 0;
  const registries = view.registries === undefined ? false : registriesPart(view.registries);
  const body = nothing
    ? html`${registries}${beginning(view.server)}`
    : html`${registries}<h2 id="mine">Waits for you (${mine.length + acts.length})</h2>
${acts.length > 0 && actsTable('Proposals: open one, read its page, and approve it or leave it', acts)}${
  mine.length > 0
    ? waiting('Open one, read its screen, and decide', mine, now)
    : acts.length === 0 &&
      html`<p class="none">Nothing waits for you. A promotion that needs somebody with one of your roles appears here as soon as it is routed.</p>`
}
${
  escalated.length > 0 &&
  html`<h2 id="escalated">Escalated to you (${escalated.length})</h2>
${waiting('Nobody answered in time. You may read these, and find somebody who decides', escalated, now)}`
}
<h2 id="others">Waits for others (${others.length})</h2>
${others.length > 0 ? waiting('You may read these', others, now) : html`<p class="none">Nothing else is open.</p>`}
<h2 id="decided">Decided</h2>
${unread > 0 && html`<p class="notice">${unread} more sealed records are not read yet: load the page again to go on.</p>`}
${decided.length > 0 ? decidedTable(view) : html`<p class="none">Nothing was decided here yet.</p>`}
${pager(view)}`;
  return layout({ title: 'Inbox', viewer: view.viewer, body, wide: true });
}
