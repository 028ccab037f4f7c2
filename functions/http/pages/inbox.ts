import { html, list, table, time } from '../../approve/screen/markup.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Path } from '../../domain/routing.ts';
import type { Instant } from '../../domain/text.ts';
import { layout, STATUS_WORDS, type Status, type Viewer } from './layout.ts';

export type Outstanding = { readonly role: string; readonly missing: number };

export type InboxRow = {
  readonly requestId: RequestId;
  readonly line: string;
  readonly environment: string;
  readonly model: string;
  readonly version: string;
  readonly path: Path | null;
  readonly state: Status;
  readonly due: Instant | null;
  readonly outstanding: readonly Outstanding[];
  /** The rule that decided the path, in the rule book's words. */
  readonly decisive: string | null;
};

export const missing = ({ role, missing: count }: Outstanding): string => `${role}: ${count}`;

/** What waits, soonest first as the caller sorts it. */
export function inboxPage(view: { viewer: Viewer; rows: readonly InboxRow[]; lastDecidedAt?: Instant | null }): string {
  const body =
    view.rows.length === 0
      ? html`<p class="notice">Nothing waits for you. ${
          view.lastDecidedAt ? html`The last request was decided ${time(view.lastDecidedAt)}.` : ''
        }</p>
<p>A promotion that needs people appears here as soon as it is routed. Automated promotions never do.</p>`
      : table(
          'Requests',
          [
            {
              head: 'Model',
              cell: (row) => html`<a href="/requests/${row.requestId}">${row.model} ${row.version}</a><br>
<span class="quiet">${row.line} into ${row.environment}</span>`,
            },
            { head: 'Path', cell: (row) => row.path ?? 'not routed yet', as: 'words' },
            { head: 'State', cell: (row) => STATUS_WORDS[row.state] },
            { head: 'Because', cell: (row) => row.decisive ?? 'no rule fired' },
            {
              head: 'Waits for',
              cell: (row) => (row.outstanding.length > 0 ? list(row.outstanding.map(missing)) : 'nobody'),
              as: 'words',
            },
            { head: 'Due', cell: (row) => (row.due ? time(row.due) : 'no date'), as: 'words' },
          ],
          view.rows,
        );
  return layout({ title: 'Inbox', viewer: view.viewer, body, wide: true });
}
