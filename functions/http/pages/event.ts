import { code, html, list, pairs, table, time } from '../../approve/screen/markup.ts';
import { type EventHash, hexOf } from '../../domain/digest.ts';
import type { FieldSummary } from '../../domain/event/summary.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Outcome } from '../../domain/rows.ts';
import type { Instant } from '../../domain/text.ts';
import { layout, type Viewer } from './layout.ts';

export type EventPageView = {
  readonly viewer: Viewer | null;
  readonly hash: EventHash;
  readonly outcome: Outcome;
  readonly kind: string;
  readonly scope: string;
  readonly decidedAt: Instant;
  readonly requestId: RequestId | null;
  /** The six bound fields, in the order of the statement. */
  readonly fields: readonly FieldSummary[];
  /** Why it ended so, where a machine said no. */
  readonly reasons: readonly { readonly code: string; readonly detail: string }[];
  /** To copy; the last word is the verifier's, not this page's. */
  readonly commands: readonly string[];
};

/** What one field binds, a line each. */
const content = ({ absent, lines }: FieldSummary) =>
  absent === null
    ? list(
        lines.map(
          ({ what, text, digest, at }) =>
            html`<span class="quiet">${what}:</span> ${text}${digest && html` ${code(digest)}`}${at && html`, ${time(at)}`}`,
        ),
      )
    : `missing: ${absent}`;

/** A sealed event. The page claims nothing: it says what is sealed, and how to verify it without us. */
export function eventPage(view: EventPageView): string {
  const command = view.commands.join('\n');
  const byHand = view.fields.flatMap(({ field, object }) =>
    object ? [`# ${field}: expect ${hexOf(object.digest)}`, `sha256sum evidence/${object.key}`] : [],
  );
  const body = html`${pairs([
    [
      'Event',
      html`${code(view.hash)} <button type="button" class="plain" data-copy="${view.hash}" hidden>Copy the hash</button>`,
    ],
    ['Kind', view.kind],
    ['Line', view.scope],
    ['Outcome', html`<strong>${view.outcome}</strong>, ${time(view.decidedAt)}`],
    ['Request', view.requestId ? html`<a href="/requests/${view.requestId}">${code(view.requestId)}</a>` : 'none'],
  ])}
${view.outcome !== 'approved' && html`<p class="notice">This is a record, not an approval: the gate denies it.</p>`}
${
  view.reasons.length > 0 &&
  html`<h2>Why</h2>
${list(view.reasons.map((reason) => html`${code(reason.code)} ${reason.detail}`))}`
}
<h2>What is bound</h2>
<p>All six were sealed together, at one moment, under the hash above. <code>countersign verify</code> prints one line for each of
them, by these names.</p>
${table(
  'The six bound fields',
  [
    { head: 'Field', cell: (one) => one.field, as: 'words' },
    { head: 'Sealed', cell: content },
  ],
  view.fields,
)}
<h2>Verify it yourself</h2>
<p>This page proves nothing. The first command fetches the evidence once; the others need no server, and the keys they trust come from
your own configuration.</p>
<pre>${command}</pre>
<p><button type="button" class="plain" data-copy="${command}" hidden>Copy the commands</button></p>
${
  byHand.length > 0 &&
  html`<p>Or without Countersign: one object of each field, hashed by hand. The signature and the event's own hash take
<code>openssl</code>, as written in <code>docs/event.md</code>.</p>
<pre>${byHand.join('\n')}</pre>`
}`;
  return layout({ title: 'Event', viewer: view.viewer, body, wide: true });
}
