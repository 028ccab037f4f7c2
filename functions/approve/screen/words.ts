import { handleOf } from '../../domain/actor.ts';
import { heading } from './header.ts';
import { code, type Html, holdsLink, html, said, time } from './markup.ts';
import type { ScreenView } from './view.ts';

type Text = readonly [title: string, text: string];

const texts = (parts: readonly Text[]): Html => {
  const linked = parts.some(([, text]) => holdsLink(text));
  return html`${parts.map(([title, text]) => html`<h3>${title}</h3>\n${said(text)}`)}${
    linked &&
    html`<p><strong>Links are shown as text. A link is not evidence</strong>: what stands behind it can change after today.</p>`
  }`;
};

/** What people and the pipeline wrote, set apart from what Countersign says. */
export function wordsSection({ request, approvalRequest }: ScreenView): Html {
  const { rationale } = approvalRequest;
  const stated: Text[] = [
    ['Intended use, as the pipeline states it', request.use.intended],
    ['Context', request.use.context],
    ['Population meant', request.use.population],
  ];
  return html`<section>${heading('words')}
${
  rationale
    ? html`<p>Written by ${rationale.author.kind} ${code(handleOf(rationale.author))}, ${time(rationale.at)}.</p>
${texts([
  ['Why', rationale.text],
  ['Scope', rationale.scope],
  ['Intended use', rationale.intendedUse],
  ['Known limitations', rationale.limitations],
])}`
    : html`<p>No person wrote a rationale; the automated path needs none.</p>`
}
${
  request.rationale &&
  texts([
    ['Why, as the pipeline states it', request.rationale.text],
    ['Scope, as the pipeline states it', request.rationale.scope],
    ['Intended use in its rationale', request.rationale.intendedUse],
    ['Known limitations, as the pipeline states them', request.rationale.limitations],
  ])
}${texts(stated)}</section>
`;
}
