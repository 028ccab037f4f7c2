import { type Html, html } from './markup.ts';

/** One row of bars; a value of null has no bar and says so. `text` is the figure as sealed. */
type BarRow = {
  readonly label: string;
  readonly bars: readonly { readonly value: number | null; readonly text: string }[];
};

type BarChart = {
  /** Prefix of every id within, so that two charts on a page never share one. */
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  /** Names of the bars of a row; the first is drawn filled, the second outlined: that survives greyscale. */
  readonly series: readonly string[];
  readonly rows: readonly BarRow[];
  readonly limits?: readonly { readonly value: number; readonly text: string }[];
};

const LABEL = 18;
const BAR = 11;
const GAP = 10;
const TOP = 24;
const LONGEST = 22;

const short = (text: string): string => {
  const letters = Array.from(text);
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : text;
};

/**
 * Horizontal bars. Widths are percentages and there is no viewBox, so the bars follow the page's width while the letters
 * keep their size: readable at 320 px and on paper. The label and figures stand above their bars and never collide with them.
 */
export function bars(chart: BarChart): Html {
  const limits = chart.limits ?? [];
  const values = [...chart.rows.flatMap((row) => row.bars.map((bar) => bar.value ?? 0)), ...limits.map((l) => l.value)];
  const top = Math.max(...values, 0) * 1.02 || 1;
  const percent = (value: number): string => `${((Math.max(value, 0) / top) * 100).toFixed(2)}%`;
  const rowHeight = LABEL + BAR * chart.series.length + GAP;
  const body = TOP + rowHeight * chart.rows.length;
  const height = body + (limits.length > 0 ? 18 : 0);
  return html`<figure class="chart">
<figcaption><strong>${chart.title}</strong>. ${chart.desc}</figcaption>
<svg role="img" width="100%" height="${height}" aria-labelledby="${chart.id}-t ${chart.id}-d">
<title id="${chart.id}-t">${chart.title}</title>
<desc id="${chart.id}-d">${chart.desc}</desc>
${chart.series.map(
  (
    name,
    i,
  ) => html`<svg x="${i * 50}%" y="0" width="${100 / chart.series.length}%" height="${TOP}"><rect class="s${i}" x="1" y="4" width="10" height="10"/>
<text x="17" y="13">${name}</text></svg>
`,
)}${limits.map(
  (limit) => html`<line class="limit" x1="${percent(limit.value)}" x2="${percent(limit.value)}" y1="${TOP}" y2="${body}"/>
<text class="l" x="${percent(limit.value)}" y="${height - 4}" text-anchor="${limit.value > top / 2 ? 'end' : 'start'}">${limit.text}</text>
`,
)}${chart.rows.map((row, i) => {
  const y = TOP + i * rowHeight;
  return html`<text x="0" y="${y + 13}">${short(row.label)}</text>
<text class="v" x="100%" y="${y + 13}" text-anchor="end">${row.bars.map((bar) => bar.text).join(' / ')}</text>
${row.bars.map(
  (bar, s) =>
    bar.value !== null &&
    html`<rect class="s${s}" x="0" y="${y + LABEL + s * BAR}" width="${percent(bar.value)}" height="${BAR - 2}"/>
`,
)}`;
})}</svg></figure>
`;
}

/** A chart's number out of sealed text; what is not a number has no bar. */
export function barOf(text: string): { value: number | null; text: string } {
  const value = Number(text);
  return { value: text !== '' && Number.isFinite(value) ? value : null, text };
}
