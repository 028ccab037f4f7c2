import { code, type Html, html, list, pairs, table, time } from '../../approve/screen/markup.ts';
import { type ActKind, MEANINGS } from '../../domain/act.ts';
import type { Digest, EventHash } from '../../domain/digest.ts';
import type { Instant } from '../../domain/text.ts';
import { csrfField, layout, signInAgain, type Viewer } from './layout.ts';

export type ActTold = {
  readonly id: Digest;
  readonly line: string;
  readonly environment: string;
  readonly what: ActKind;
  /** The versions it is about, each with what becomes of it. */
  readonly about: readonly { readonly as: string; readonly event: EventHash }[];
  readonly reason: string;
  readonly screen: Digest;
  readonly proposedBy: string;
  readonly expiresAt: Instant;
  readonly approvedBy: readonly { readonly handle: string; readonly at: Instant }[];
  readonly missing: readonly { readonly role: string; readonly from: string; readonly missing: number }[];
  readonly eventHash: EventHash | null;
};

const TITLES: Record<ActKind, string> = {
  archive: 'End of a version',
  rollback: 'Rollback',
  revocation: 'Revocation',
  breakGlass: 'Break-glass',
};

type View = ActTold & { readonly viewer: Viewer; readonly whyNot: string; readonly again?: number | undefined };

/** An end needs every seat that its tier names; of a brake's seats one is enough. */
function seats({ what, missing }: ActTold): Html | string {
  if (missing.length === 0) return 'nobody';
  if (what === 'archive') return list(missing.map((seat) => `${seat.role} of ${seat.from}: ${seat.missing}`));
  return html`${missing.length > 1 ? 'one of' : ''}${list(missing.map((seat) => `${seat.role} of ${seat.from}`))}`;
}

/** The frozen page in its frame, and beside it the one thing that can be done with it. */
export function actPage(view: View): string {
  const source = `/acts/${view.id}/screen`;
  const body = html`${pairs([
    ['Line', `${view.line} in ${view.environment}`],
    ...view.about.map(({ as, event }) => [as, html`<a href="/events/${event}">${code(event)}</a>`] as const),
    ['Waits for', seats(view)],
    ['Until', time(view.expiresAt)],
    ...(view.eventHash
      ? ([['Sealed as', html`<a href="/events/${view.eventHash}">${code(view.eventHash)}</a>`]] as const)
      : []),
  ])}
<h2>What you decide on</h2>
<p>Page ${code(view.screen)}, stored under its hash before anybody was asked.</p>
<iframe sandbox="" src="${source}" title="Frozen page of the proposal"></iframe>
<p><a href="${source}">Open the page alone</a></p>
${table(
  'Approved so far',
  [
    { head: 'Who', cell: (one) => code(one.handle) },
    { head: 'When', cell: (one) => time(one.at), as: 'words' },
  ],
  view.approvedBy,
)}
${formOf(view)}`;
  return layout({ title: `${TITLES[view.what]}: ${view.line}`, viewer: view.viewer, body, wide: true });
}

function formOf({ id, what, screen, viewer, whyNot, eventHash, again }: View): Html {
  if (eventHash !== null) return html`<p class="notice">It is sealed.</p>`;
  if (whyNot !== '') return html`<p class="notice">You cannot approve it: ${whyNot}.</p>`;
  if (again !== undefined) return signInAgain(again, `/acts/${id}`);
  return html`<form method="post" action="/acts/${id}/approve" autocomplete="off">
${csrfField(viewer)}<input type="hidden" name="screen" value="${screen}">
<p>“${MEANINGS[what].approved}”</p>
<p>It is sealed in your name. Who does not agree does not approve: a proposal that is not approved in time does nothing.</p>
<p><button type="submit">Approve</button></p>
</form>
`;
}

export const actsTable = (caption: string, rows: readonly ActTold[]): Html =>
  table(
    caption,
    [
      { head: 'Line', cell: (row) => html`<a href="/acts/${row.id}">${row.line}</a> in ${row.environment}` },
      { head: 'What', cell: (row) => TITLES[row.what], as: 'words' },
      { head: 'Why', cell: (row) => row.reason },
      { head: 'Waits for', cell: seats, as: 'words' },
      { head: 'Until', cell: (row) => time(row.expiresAt), as: 'words' },
    ],
    rows,
  );

/** What waits for people. */
export function actsPage({ viewer, rows }: { viewer: Viewer; rows: readonly ActTold[] }): string {
  const waiting =
    rows.length > 0 ? actsTable('Proposed and not approved yet', rows) : html`<p class="none">Nothing is proposed.</p>`;
  const body = html`<p>A rollback or a revocation is proposed on the ledger page of its line; each act also by its command: ${code('archive')},
${code('rollback')}, ${code('revoke')}, ${code('break-glass')}. Others approve it here.</p>
${waiting}`;
  return layout({ title: 'Acts', viewer, body, wide: true });
}
