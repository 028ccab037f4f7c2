import { type Decimal, decimal6, minus } from '../domain/decimal.ts';
import type { Diff, DiffDimensions, MetricFigure, NotJudged, SegmentMetrics, Side, Why } from '../domain/diff.ts';
import type { ModelLine } from '../domain/line.ts';
import { METRIC_NAMES, metricOf } from '../domain/measure/metrics.ts';
import { isKnownMetric, worsening } from '../domain/metric.ts';
import { bandedMetrics, limitOf } from './bands.ts';
import type { Material, Who } from './material.ts';
import { type MetricSource, metricSource, type Sample } from './metric-source.ts';
import { byText, dimension, measuredOr } from './sides.ts';
import type { Baseline, Comparison } from './types.ts';

type Judged = { overall: MetricFigure[]; segments: SegmentMetrics[]; notJudged: NotJudged[]; why: Why[] };
type MetricsFigures = Pick<Judged, 'overall' | 'segments' | 'notJudged'>;

/** Quality overall, in every registered segment, and how evenly approvals fall: all from the same rows. */
export function metricDimensions(c: Comparison, m: Material): Pick<Diff, 'metrics' | 'fairness'> {
  const judge = (baseline: Baseline, who: Who): Judged | Why => {
    const source = metricSource(c, m, baseline, who);
    return typeof source === 'string' ? source : judgeAll(c, baseline, source);
  };
  const judged = {
    incumbent: c.incumbent && judge(c.incumbent, 'incumbent'),
    lastHumanApproved: c.lastHumanApproved && judge(c.lastHumanApproved, 'lastHumanApproved'),
  };
  const side = <F>(who: Who, of: (judged: Judged) => Side<F>): Side<F> => {
    const found = judged[who];
    if (found === null) return { state: 'none' };
    return typeof found === 'string' ? { state: 'unknown', why: [found], figures: {} } : of(found);
  };
  return {
    metrics: dimension<DiffDimensions['metrics']['figures'], MetricsFigures>(c, sources(c, m), (_, who) =>
      side(who, ({ overall, segments, notJudged, why }) => measuredOr(why, { overall, segments, notJudged })),
    ),
    fairness: dimension(c, {}, (_, who) => side(who, (found) => fairness(c, found))),
  };
}

/** How many of the request's figures we computed ourselves, and how many are only said. */
function sources(c: Comparison, { predictions }: Material): { recomputed: number; stated: number } {
  const { metrics } = c.request.challenger;
  if (typeof predictions === 'string') return { recomputed: 0, stated: metrics.length };
  const sample = { labels: predictions.labels, scores: predictions.candidate };
  return {
    recomputed: METRIC_NAMES.filter((name) => metricOf(name, sample, c.request.decisionRule) !== null).length,
    stated: metrics.filter(
      ({ name, segment }) => !isKnownMetric(name) || (segment && !predictions.segments.has(segment.column)),
    ).length,
  };
}

function judgeAll(c: Comparison, baseline: Baseline, source: MetricSource): Judged {
  const judged: Judged = { overall: [], segments: [], notJudged: [], why: [] };
  const overall = source(null);
  if (typeof overall === 'string') judged.why.push(overall);
  else {
    // What the regime promises must be there; a segment owes only what has a band.
    const asked = [...c.request.evaluationRegime.metrics, ...bandedMetrics(baseline.request.terms, undefined)];
    judged.overall = figuresOf(overall, { baseline, asked, why: judged.why });
    if (c.line !== null && overall.n < c.line.minRows) judged.why.push('sample-below-minimum');
  }
  if (c.line === null) judged.why.push('line-unknown');
  else judgeSegments(c.line, baseline, source, judged);
  return judged;
}

function judgeSegments(line: ModelLine, baseline: Baseline, source: MetricSource, judged: Judged): void {
  const judge = (segment: string, isProtected: boolean, sample: Sample) => {
    const asked = bandedMetrics(baseline.request.terms, segment);
    const metrics = figuresOf(sample, { baseline, asked, segment, why: judged.why });
    judged.segments.push({ segment, protected: isProtected, n: sample.n, metrics });
  };
  const rest = line.segments.filter(({ state }) => state === 'pooled');
  const pool = rest.length === 0 ? 'segment-not-judged' : source(rest.map(({ filter }) => filter));
  const poolJudged = typeof pool !== 'string' && pool.n >= line.minRows;
  if (poolJudged)
    judge(
      'pooled',
      rest.some((one) => one.protected),
      pool,
    );
  for (const { filter, state, protected: isProtected } of [...line.segments].sort(byText(({ filter }) => nameOf(filter)))) {
    const sample = source([filter]);
    if (typeof sample === 'string') judged.why.push(sample);
    else if (sample.n >= line.minRows) judge(nameOf(filter), isProtected, sample);
    else {
      const pooled = state === 'pooled' && poolJudged;
      judged.notJudged.push({ what: nameOf(filter), n: sample.n, minimum: line.minRows, null99: null, pooled });
    }
  }
  judged.segments.sort(byText(({ segment }) => segment));
}

const nameOf = ({ column, value }: { column: string; value: string }): string => `${column}=${value}`;

type Asked = { baseline: Baseline; asked: readonly string[]; segment?: string; why: Why[] };

function figuresOf({ n, values }: Sample, { baseline, asked, segment, why }: Asked): MetricFigure[] {
  const figures = values.flatMap(({ name, candidate, baseline: before, source }): MetricFigure[] => {
    if (candidate === null || before === null) {
      // Defined for one of the two only: what the candidate can no longer be asked must not fall out of sight.
      if (candidate !== before && source === 'recomputed') why.push('metric-not-defined');
      return [];
    }
    const worse = isKnownMetric(name)
      ? decimal6(worsening(name, Number(candidate), Number(before)))
      : // Nobody has said which way this metric is worse, so any movement is.
        decimal6(Math.abs(Number(candidate) - Number(before)));
    return [{ name, candidate, baseline: before, worse, n, limit: limitOf(baseline.request.terms, name, segment), source }];
  });
  for (const name of asked) {
    if (figures.some((figure) => figure.name === name)) continue;
    why.push(values.some((value) => value.name === name) ? 'metric-not-defined' : 'metric-missing');
  }
  return figures;
}

/** Parts of the comparison without which equality of approvals cannot be told either. */
const BLOCKING: readonly Why[] = ['line-unknown', 'segment-not-judged'];

function fairness(c: Comparison, judged: Judged): DiffDimensions['fairness']['against']['incumbent'] {
  const why = judged.why.filter((one) => BLOCKING.includes(one));
  const rates = judged.segments.flatMap(({ segment, metrics }) => {
    const registered = c.line?.segments.find(({ filter }) => nameOf(filter) === segment);
    if (registered === undefined) return [];
    const rate = metrics.find(({ name }) => name === 'approval_rate');
    if (rate === undefined) why.push('metric-missing');
    return rate === undefined ? [] : [{ registered, rate }];
  });
  const columns = [...new Set(rates.map(({ registered }) => registered.filter.column))].sort();
  const ratios = columns.flatMap((column) => {
    const values = rates.filter(({ registered }) => registered.filter.column === column);
    if (values.length < 2) return [];
    const candidate = ratioOf(values.map(({ rate }) => rate.candidate));
    const baseline = ratioOf(values.map(({ rate }) => rate.baseline));
    const isProtected = values.some(({ registered }) => registered.protected);
    return [{ segment: column, candidate, baseline, worse: minus(baseline, candidate), protected: isProtected }];
  });
  return measuredOr(why, { ratios });
}

/** Nobody approved anywhere is even, if nothing else. */
function ratioOf(rates: readonly Decimal[]): Decimal {
  const numbers = rates.map(Number);
  const highest = Math.max(...numbers);
  return decimal6(highest === 0 ? 1 : Math.min(...numbers) / highest);
}
