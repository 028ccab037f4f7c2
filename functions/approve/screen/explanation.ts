import { type Digest, digestOf } from '../../domain/digest.ts';
import type { Explanation } from '../../domain/explanation.ts';
import { invariant } from '../../domain/result.ts';
import { barOf, bars } from './charts.ts';
import { isFirst } from './figures.ts';
import { heading } from './header.ts';
import { type Column, code, type Html, html, table, trusted } from './markup.ts';
import type { Contribution, ScreenView } from './view.ts';

type Artefact = Explanation['artefacts'][number];

export const MAX_IMAGE = 1_000_000;
export const MAX_TOGETHER = 3_000_000;
const DRAWN = 15;
const LISTED = 30;
const MAGIC: Partial<Record<Artefact['mediaType'], readonly number[]>> = {
  'image/png': [0x89, 0x50, 0x4e, 0x47],
  'image/jpeg': [0xff, 0xd8, 0xff],
};

/** Why an artefact is not embedded, or null. `used` is what pictures before it took of the page's allowance. */
function hindrance(artefact: Artefact, bytes: Uint8Array | undefined, used: number): string | null {
  const magic = MAGIC[artefact.mediaType] ?? [];
  if (!bytes) return 'its bytes were not at hand when this page was made';
  if (bytes.length > MAX_IMAGE) return `it is larger than ${MAX_IMAGE} bytes`;
  if (used + bytes.length > MAX_TOGETHER) return `the pictures of a page may have ${MAX_TOGETHER} bytes together`;
  return magic.every((byte, i) => bytes[i] === byte) ? null : 'its bytes are not of the type it claims';
}

/** A data: URI is the only picture a frozen page can carry; the bytes are the submitted ones, never re-encoded. */
function picture(view: ScreenView, artefact: Artefact, used: number): { html: Html; size: number } {
  const bytes = view.images.get(artefact.digest);
  const why = hindrance(artefact, bytes, used);
  const caption = html`${artefact.name}, ${artefact.mediaType}, ${artefact.size} bytes, ${code(artefact.digest)}`;
  // A table or a page of its own is evidence, not a picture: it is kept, and what it sums up to stands below.
  if (!MAGIC[artefact.mediaType])
    return { size: 0, html: html`<p>Kept in the vault, not drawn here: ${caption}. In words: ${artefact.alt}</p>\n` };
  if (why !== null || !bytes) {
    return { size: 0, html: html`<p><strong>Not shown in full</strong>: ${why}. ${caption}. In words: ${artefact.alt}</p>\n` };
  }
  // Showing other bytes than the caption names would defeat the page.
  invariant(digestOf(bytes) === artefact.digest, 'a picture has the digest it is shown under');
  const uri = trusted(`data:${artefact.mediaType};base64,${Buffer.from(bytes).toString('base64')}`);
  return {
    size: bytes.length,
    html: html`<figure><img src="${uri}" alt="${artefact.alt}">
<figcaption>${caption}. In words: ${artefact.alt}</figcaption></figure>\n`,
  };
}

function sliceWords(view: ScreenView, digest: Digest): Html {
  const slice = view.request.dataset.find((one) => one.digest === digest);
  const evaluation = view.request.evaluationRegime.slice;
  const relation =
    digest === evaluation
      ? html`the evaluation slice, the same as the metrics`
      : slice?.derivedFrom === evaluation
        ? html`derived from the evaluation slice: ${slice.filters.join('; ')}`
        : html`<span class="against">NOT the evaluation slice</span>`;
  return html`Computed on ${slice ? `${slice.name}, ${slice.rows} rows, ${slice.window.from} to ${slice.window.to}` : 'a slice not listed'}
(${relation}), ${code(digest)}.`;
}

const rankBefore = (known: boolean): Column<{ readonly before: number | undefined }> => ({
  head: 'Rank in the incumbent',
  as: 'number',
  cell: (row) => (known ? (row.before ?? 'not among them') : 'not known'),
});

function contributions(
  id: string,
  first: boolean,
  now: readonly Contribution[],
  before: readonly Contribution[] | undefined,
): Html {
  const ranks = new Map((before ?? []).map((one, i) => [one.feature, i + 1]));
  const rows = now.slice(0, LISTED).map((one, i) => ({ ...one, rank: i + 1, before: ranks.get(one.feature) }));
  const rest = now.length - rows.length;
  return html`${bars({
    id,
    title: 'Largest mean absolute contributions',
    desc: 'As stated by the requester, largest first; the figures of the table after it.',
    series: ['Mean absolute contribution'],
    rows: rows.slice(0, DRAWN).map((one) => ({ label: one.feature, bars: [barOf(one.value)] })),
  })}
${table(
  'Top contributions, stated',
  [
    { head: 'Feature', cell: (row) => row.feature },
    { head: 'Mean absolute contribution', as: 'number', cell: (row) => row.value },
    { head: 'Rank', as: 'number', cell: (row) => row.rank },
    ...(first ? [] : [rankBefore(before !== undefined)]),
  ],
  rows,
)}${rest > 0 && html`<p class="quiet">${rest} smaller contributions are in the request and not shown here.</p>`}`;
}

/** Pictures exactly as submitted, with the slice each was computed on: a plot of last quarter's rows must be seen as one. */
export function explanationSection(view: ScreenView): Html {
  let used = 0;
  const blocks = view.request.explanation.map((explanation, i) => {
    const pictures = explanation.artefacts.map((artefact) => {
      const shown = picture(view, artefact, used);
      used += shown.size;
      return shown.html;
    });
    return html`<h3>${explanation.kind}, by ${explanation.tool}</h3>
<p>${sliceWords(view, explanation.slice)}${explanation.background && html` Background set ${code(explanation.background)}.`}</p>
${pictures}${explanation.summary && contributions(`explanation-${i}`, isFirst(view.diff), explanation.summary, view.incumbent?.contributions)}`;
  });
  return html`<section>${heading('explanation')}
<p>Stated: made by the requester's tools and kept as submitted.</p>
${blocks.length > 0 ? blocks : html`<p class="none">No explanation was sent.</p>`}</section>
`;
}
