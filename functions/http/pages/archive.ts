import { code, type Html, html, list, pairs, table, time } from '../../approve/screen/markup.ts';
import { CONSENT } from '../../domain/archive.ts';
import type { Digest, EventHash } from '../../domain/digest.ts';
import type { Instant } from '../../domain/text.ts';
import { csrfField, layout, signInAgain, type Viewer } from './layout.ts';

export type ArchiveTold = {
  readonly id: Digest;
  readonly line: string;
  readonly environment: string;
  readonly from: EventHash;
  readonly reason: string;
  readonly screen: Digest;
  readonly proposedBy: string;
  readonly expiresAt: Instant;
  readonly approvedBy: readonly { readonly handle: string; readonly at: Instant }[];
  readonly missing: readonly { readonly role: string; readonly from: string; readonly missing: number }[];
  readonly eventHash: EventHash | null;
};

type View = ArchiveTold & { readonly viewer: Viewer; readonly whyNot: string; readonly again?: number | undefined };

const seats = ({ missing }: ArchiveTold): Html | string =>
  missing.length > 0 ? list(missing.map((seat) => `${seat.role} of ${seat.from}: ${seat.missing}`)) : 'nobody';

/** The frozen page in its frame, and beside it the one thing that can be done with it. */
export function archivePage(view: View): string {
  const source = `/archives/${view.id}/screen`;
  const body = html`${pairs([
    ['Line', `${view.line} in ${view.environment}`],
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
  return layout({ title: `End of a version of ${view.line}`, viewer: view.viewer, body, wide: true });
}

function formOf({ id, screen, viewer, whyNot, eventHash, again }: View): Html {
  if (eventHash !== null) return html`<p class="notice">It has ended.</p>`;
  if (whyNot !== '') return html`<p class="notice">You cannot approve it: ${whyNot}.</p>`;
  if (again !== undefined) return signInAgain(again, `/archives/${id}`);
  return html`<form method="post" action="/archives/${id}/approve" autocomplete="off">
${csrfField(viewer)}<input type="hidden" name="screen" value="${screen}">
<p>“${CONSENT}”</p>
<p>It is sealed in your name. Who does not agree does not approve: a proposal that is not approved in time ends nothing.</p>
<p><button type="submit">Approve the end of this version</button></p>
</form>
`;
}

/** What is proposed to end. */
export function archivesPage({ viewer, rows }: { viewer: Viewer; rows: readonly ArchiveTold[] }): string {
  const body = table(
    'Versions proposed to end',
    [
      { head: 'Line', cell: (row) => html`<a href="/archives/${row.id}">${row.line}</a> in ${row.environment}` },
      { head: 'Why', cell: (row) => row.reason },
      { head: 'Waits for', cell: seats, as: 'words' },
      { head: 'Until', cell: (row) => time(row.expiresAt), as: 'words' },
    ],
    rows,
  );
  return layout({ title: 'Versions to end', viewer, body, wide: true });
}
