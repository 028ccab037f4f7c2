import { html as honoHtml, raw } from 'hono/html';
import { invariant } from '../../domain/result.ts';

export type Html = ReturnType<typeof raw>;
export type Part = Html | string | number | false | null | undefined | readonly Part[];

/** Markup we wrote ourselves (style, charts' numbers). Never for text from outside. */
export const trusted = raw;

/**
 * Characters that show as nothing or move what stands beside them: controls, bidirectional overrides, zero-width letters,
 * lone surrogates, and accents piled more than four high. An approver must see that they are there.
 */
const DECEPTIVE = /[^\P{Cc}\n\t]|\p{Cf}|\p{Cs}|[\u2028\u2029]|(?<=\p{M}{4})\p{M}/gu;

export const visible = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n') // forms send CRLF; the screen is LF
    .replace(DECEPTIVE, (c) => `[U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`);

const guarded = (part: Part): Part =>
  typeof part === 'string' ? visible(part) : Array.isArray(part) ? part.map(guarded) : part;

/** The template every page is made of: escapes by default, and makes deceptive characters visible. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  const out = honoHtml(strings, ...parts.map(guarded));
  invariant(!(out instanceof Promise), 'pages are rendered from values, not from promises');
  return out;
}

/** `as`: a number is set right; our own words are never broken inside, while text from outside may be. */
export type Column<R> = { readonly head: string; readonly cell: (row: R) => Part; readonly as?: 'number' | 'words' };

const CLASS = { number: trusted(' class="n"'), words: trusted(' class="w"') };

/**
 * A real table: caption, scope, and the first cell heading its row. Roles are repeated because a phone stacks the cells with
 * `display: block`, which makes some readers forget what they are; `data-label` is the column's name there.
 */
export function table<R>(caption: string, columns: readonly Column<R>[], rows: readonly R[]): Html {
  if (rows.length === 0) return html`<p class="none">${caption}: none.</p>\n`;
  const [first, ...rest] = columns;
  invariant(first, 'a table has a column');
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
    (column) => html`<th role="columnheader" scope="col"${column.as && CLASS[column.as]}>${column.head}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">
${rows.map(
  (row) => html`<tr role="row"><th role="rowheader" scope="row"${first.as && CLASS[first.as]}>${first.cell(row)}</th>${rest.map(
    (column) =>
      html`<td role="cell" data-label="${column.head}"${column.as && CLASS[column.as]}><div>${column.cell(row)}</div></td>`,
  )}</tr>
`,
)}</tbody>
</table>
`;
}

export type Pair = readonly [name: string, value: Part];

export const pairs = (rows: readonly Pair[]): Html =>
  html`<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>\n`;

export const list = (lines: readonly Part[]): Html =>
  lines.length === 1 ? html`<div>${lines[0]}</div>` : html`<ul>${lines.map((line) => html`<li>${line}</li>\n`)}</ul>`;

export const code = (text: string): Html => html`<code>${text}</code>`;

/** Free text a person or a pipeline wrote: as text, line breaks kept, set apart from what we say. */
export const said = (text: string): Html => html`<blockquote dir="auto">${text}</blockquote>\n`;

export const holdsLink = (text: string): boolean => /\b[a-z][a-z0-9+.-]*:\/\//i.test(text) || /\bwww\./i.test(text);

/**
 * Seconds are enough for people; the sealed instant with milliseconds is in the attribute. The style forbids breaks, which would
 * come at the hyphens; `wbr` allows the one between day and time.
 */
export const time = (instant: string): Html =>
  html`<time datetime="${instant}">${instant.slice(0, 10)} <wbr>${instant.slice(11, 19)} UTC</time>`;
