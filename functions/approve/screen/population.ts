import type { PsiFigure } from '../../domain/diff.ts';
import { figuresOf, stateOf } from './changes.ts';
import { barOf, bars } from './charts.ts';
import { byText, fromPpm, isFirst } from './figures.ts';
import { heading } from './header.ts';
import { type Column, code, type Html, html, table } from './markup.ts';
import { PSI_STATED } from './stated.ts';
import type { ScreenView } from './view.ts';

type Within = PsiFigure & { readonly segment: string; readonly value: string };

const DRAWN = 10;

/** Largest shift first; equal shifts by name. */
const largestFirst = <F extends PsiFigure>(figures: readonly F[]): F[] =>
  [...figures].sort((a, b) => Number(b.psi) - Number(a.psi) || byText(a.name, b.name));

/** The limits that rules on the population used, fired or not: the policy's own numbers, never ours. */
function limitsOf({ routing }: ScreenView): { value: number; text: string }[] {
  const used = [
    ...routing.findings.filter((finding) => finding.dimension === 'population'),
    ...routing.cleared.flatMap((one) => (one.dimension === 'population' ? one.headroom : [])),
  ];
  const limits = new Set(used.flatMap((one) => (one.unit === 'ppm' && typeof one.limit === 'number' ? [one.limit] : [])));
  return [...limits].sort((a, b) => a - b).map((ppm) => ({ value: ppm / 1e6, text: fromPpm(ppm) }));
}

const psiColumns = <F extends PsiFigure>(what: string, name: (figure: F) => string): Column<F>[] => [
  { head: what, cell: name },
  { head: 'PSI', as: 'number', cell: (figure) => figure.psi },
  { head: '99 % point under no change', as: 'number', cell: (figure) => figure.null99 },
  {
    head: 'Against chance',
    cell: (figure) => (Number(figure.psi) > Number(figure.null99) ? 'more than chance explains' : 'chance can explain it'),
  },
  { head: 'n (baseline)', as: 'number', cell: (figure) => figure.n },
  { head: 'm (candidate)', as: 'number', cell: (figure) => figure.m },
  { head: 'Bins', as: 'number', cell: (figure) => figure.bins },
];

function chart(view: ScreenView, id: string, baseline: string, figures: readonly PsiFigure[]): Html | false {
  if (figures.length === 0) return false;
  const limits = limitsOf(view);
  const drawn = largestFirst(figures).slice(0, DRAWN);
  return bars({
    id,
    title: `Population stability index against the ${baseline}`,
    desc:
      `The score and the ${DRAWN} features that shifted most. ` +
      (limits.length > 0 ? `Dashed: limits of the rules in section 2 (${limits.map((l) => l.text).join(', ')}).` : 'No limit.'),
    series: ['PSI'],
    rows: drawn.map((figure) => ({ label: figure.name, bars: [barOf(figure.psi)] })),
    limits,
  });
}

function against(view: ScreenView, which: 'incumbent' | 'lastHumanApproved', baseline: string): Html {
  const population = view.diff.population.against[which];
  const figures = figuresOf(population);
  if (!figures) return html`<p>State: ${stateOf(population)}.</p>`;
  const { score, features = [] } = figures;
  const segments = figuresOf(view.diff.segments.against[which]);
  return html`<p>State: ${stateOf(population)}.</p>
${chart(view, `psi-${which}`, baseline, [...(score ? [score] : []), ...features])}
${table(
  `Overall PSI of the score, against the ${baseline}`,
  psiColumns('Score', (one) => one.name),
  score ? [score] : [],
)}
${table(
  `PSI of each feature, against the ${baseline}`,
  psiColumns('Feature', (one) => one.name),
  largestFirst(features),
)}
${table(
  `PSI of segment shares, against the ${baseline}`,
  psiColumns('Segment column', (one) => one.name),
  largestFirst(segments?.shares ?? []),
)}
${table(
  `PSI of the score within segments, against the ${baseline}`,
  psiColumns<Within>('Segment', (one) => `${one.segment} = ${one.value}`),
  largestFirst(segments?.within ?? []),
)}`;
}

/** How far the scored population moved, with what chance alone would give at these sample sizes. */
export function populationSection(view: ScreenView): Html {
  const scoring = view.request.dataset.filter((slice) => slice.role === 'scoring');
  return html`<section>${heading('population')}
<p>${PSI_STATED} PSI is an effect size; small samples exceed any limit by chance. Read it beside the 99 % point under no change.
${scoring.map((slice) => html`Scored: ${slice.name}, ${slice.rows} rows, ${slice.window.from} to ${slice.window.to}, ${code(slice.digest)}. `)}</p>
${
  isFirst(view.diff)
    ? html`<p class="none">PSI compares two populations, and there is only this one. Its deciles and counts are sealed, so that the next
version is compared with them.</p>`
    : html`<h3>Against the incumbent</h3>
${against(view, 'incumbent', 'incumbent')}
<h3>Against the last human-approved version</h3>
${against(view, 'lastHumanApproved', 'last human-approved version')}`
}</section>
`;
}
