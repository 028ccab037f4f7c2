import { code, html, pairs } from '../../approve/screen/markup.ts';
import type { EventHash } from '../../domain/digest.ts';
import { layout, type Viewer } from './layout.ts';

type RecordView = { readonly viewer: Viewer; readonly hash: EventHash; readonly record: { readonly kind: string } };

/** What is sealed and is no promotion: a policy put into force, a drift finding, a suspension. Shown as it is, word for word. */
export const recordPage = ({ viewer, hash, record }: RecordView): string =>
  layout({
    title: 'Record',
    viewer,
    wide: true,
    body: html`${pairs([
      ['Sealed as', code(hash)],
      ['Kind', code(record.kind)],
    ])}
<h2>What is sealed</h2>
<p>This page proves nothing. <code>countersign export</code> fetches the signed bytes.</p>
<pre>${JSON.stringify(record, null, 2)}</pre>`,
  });
