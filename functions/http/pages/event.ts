import { code, html, pairs, table } from '../../approve/screen/markup.ts';
import type { EventHash } from '../../domain/digest.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Outcome } from '../../domain/rows.ts';
import { layout, type Viewer } from './layout.ts';

/** The six bound fields, in the order of the statement. */
export const SIX = ['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset'] as const;

export type EventPageView = {
  readonly viewer: Viewer | null;
  readonly hash: EventHash;
  readonly outcome: Outcome;
  readonly kind: string;
  readonly requestId: RequestId | null;
  readonly fields: Readonly<Record<(typeof SIX)[number], string>>;
  /** To copy; the last word is the verifier's, not this page's. */
  readonly commands: readonly string[];
};

/** A sealed event. The page claims nothing: it says what is sealed, and how to verify it without us. */
export function eventPage(view: EventPageView): string {
  const command = view.commands.join('\n');
  const body = html`${pairs([
    ['Event', html`${code(view.hash)} <button type="button" class="plain" data-copy="${view.hash}" hidden>Copy</button>`],
    ['Kind', view.kind],
    ['Outcome', html`<strong>${view.outcome}</strong>`],
    ['Request', view.requestId ? html`<a href="/requests/${view.requestId}">${code(view.requestId)}</a>` : 'none'],
  ])}
${view.outcome !== 'approved' && html`<p class="notice">This is a record, not an approval: the gate denies it.</p>`}
${table(
  'The six bound fields',
  [
    { head: 'Field', cell: (field) => field },
    { head: 'Sealed', cell: (field) => view.fields[field] },
  ],
  SIX,
)}
<h2>Verify it yourself</h2>
<p>This page proves nothing. The first command fetches the evidence once; the others need no server, and the keys they trust come from
your own configuration.</p>
<pre>${command}</pre>
<p><button type="button" class="plain" data-copy="${command}" hidden>Copy the commands</button></p>`;
  return layout({ title: 'Event', viewer: view.viewer, body });
}
