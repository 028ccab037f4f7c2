import { ppmDown, ppmUp } from '../../domain/decimal.ts';
import type { DiffDimensions, MetricFigure, SegmentMetrics, Side } from '../../domain/diff.ts';
import type { Metric } from '../../domain/metric.ts';
import { figuresOf, stateOf } from './changes.ts';
import { barOf, bars } from './charts.ts';
import { isFirst } from './figures.ts';
import { heading } from './header.ts';
import { type Column, code, type Html, html, table } from './markup.ts';
import { incumbentStated } from './stated.ts';
import type { ScreenView } from './view.ts';

type MetricsSide = Side<DiffDimensions['metrics']['against']['incumbent'] extends Side<infer F> ? F : never>;
type Row = MetricFigure & { readonly segment: string | null };

/** Against the band the baseline sealed, in words. A policy limit may be tighter: that is section 2. */
function verdict(figure: MetricFigure): Html {
  if (figure.limit === null) return html`no band was sealed`;
  return ppmUp(figure.worse) <= ppmDown(figure.limit)
    ? html`within the sealed band`
    : html`<span class="against">OUTSIDE the sealed band</span>`;
}

/** The diff carries no interval; the request may state one for an overall metric. */
const intervals = (view: ScreenView): Column<Row> => ({
  head: 'Interval, stated',
  cell: (row) => {
    const metric = view.metrics.find((one) => one.name === row.name && one.segment === undefined);
    return metric?.interval ? `${metric.interval.low} to ${metric.interval.high}` : 'none';
  },
});

const columns = (baseline: string): Column<Row>[] => [
  { head: 'Metric', cell: (row) => (row.segment === null ? row.name : html`${row.name}<br>${row.segment}`) },
  { head: baseline, as: 'number', cell: (row) => row.baseline },
  { head: 'Candidate', as: 'number', cell: (row) => row.candidate },
  { head: 'Worse by', as: 'number', cell: (row) => row.worse },
  { head: 'Band', as: 'number', cell: (row) => row.limit ?? 'none' },
  { head: 'Verdict', cell: verdict, as: 'words' },
  { head: 'n', as: 'number', cell: (row) => row.n },
  { head: 'Source', cell: (row) => row.source, as: 'words' },
];

/** The first metric that every segment has, drawn; the table after it has them all. */
export function segmentChart(
  id: string,
  metric: string | undefined,
  segments: readonly SegmentMetrics[],
  baseline: string,
): Html | false {
  const rows = segments.flatMap((segment) => {
    const figure = segment.metrics.find((one) => one.name === metric);
    return figure ? [{ label: segment.segment, bars: [barOf(figure.candidate), barOf(figure.baseline)] }] : [];
  });
  if (metric === undefined || rows.length === 0) return false;
  return bars({
    id,
    title: `${metric} by segment`,
    desc: `Bars from zero for the candidate and the ${baseline.toLowerCase()}, the figures of the table after it.`,
    series: ['Candidate', baseline],
    rows: rows.slice(0, 40),
  });
}

function side(view: ScreenView, id: string, baseline: string, compared: MetricsSide): Html {
  const figures = figuresOf(compared);
  if (!figures) return html`<p>State: ${stateOf(compared)}.</p>`;
  const overall = (figures.overall ?? []).map((figure) => ({ ...figure, segment: null }));
  const segments = figures.segments ?? [];
  const perSegment = segments.flatMap((one) =>
    one.metrics.map((figure) => ({ ...figure, segment: one.protected ? `${one.segment} (protected)` : one.segment })),
  );
  return html`<p>State: ${stateOf(compared)}.</p>
${table(`Overall, candidate and ${baseline.toLowerCase()}`, [...columns(baseline), intervals(view)], overall)}
${segmentChart(id, segments[0]?.metrics[0]?.name, segments, baseline)}
${table(`By segment, candidate and ${baseline.toLowerCase()}`, columns(baseline), perSegment)}
${table(
  'Segments not judged',
  [
    { head: 'Segment', cell: (one) => one.what },
    { head: 'Rows (n)', as: 'number', cell: (one) => one.n },
    { head: 'Minimum', as: 'number', cell: (one) => one.minimum },
    { head: '99 % point under no change', as: 'number', cell: (one) => one.null99 ?? 'not defined' },
    { head: 'Pooled', cell: (one) => (one.pooled ? 'yes, judged with the pooled rest' : 'NO') },
  ],
  figures.notJudged ?? [],
)}`;
}

const metricColumns = (first: boolean): Column<Metric>[] => [
  {
    head: 'Metric',
    cell: (one) => (one.segment ? html`${one.name}<br>${one.segment.column} = ${one.segment.value}` : one.name),
  },
  { head: 'Candidate', as: 'number', cell: (one) => one.candidate },
  ...(first
    ? []
    : [{ head: 'Compared with', as: 'number', cell: (one) => one.incumbent ?? 'none' } as const satisfies Column<Metric>]),
  { head: 'Interval', cell: (one) => (one.interval ? `${one.interval.low} to ${one.interval.high}` : 'not stated') },
  { head: 'n', as: 'number', cell: (one) => one.n },
  { head: 'Source', cell: (one) => one.source, as: 'words' },
];

/** Candidate against incumbent, then against the last version people approved. */
export function comparisonSection(view: ScreenView): Html {
  const { request, diff } = view;
  const { incumbent, lastHumanApproved } = diff.metrics.against;
  const { against } = request.challenger;
  const first = isFirst(diff);
  const scores = incumbentStated(request, diff);
  return html`<section>${heading('comparison')}
<p>On the evaluation slice ${code(request.challenger.evaluationSlice)}, method ${request.evaluationRegime.method}.
<strong>Recomputed</strong>: Countersign computed the figure from the sealed predictions. <strong>Stated</strong>: the requester
says so and nothing here proves it.${!first && ' “Worse by” is positive when the candidate is worse.'} ${scores}</p>
${against.kind === 'baseline' && html`<p>Compared by the requester with: ${against.name}. ${against.description}</p>`}
${table('All metrics of the request', metricColumns(first && view.metrics.every((one) => one.incumbent === null)), view.metrics)}
${
  !first &&
  html`<h3>Against the incumbent</h3>
${side(view, 'metrics-incumbent', 'Incumbent', incumbent)}
<h3>Against the last human-approved version</h3>
${side(view, 'metrics-human', 'Last human-approved', lastHumanApproved)}`
}</section>
`;
}
