import type { Decimal } from '../domain/decimal.ts';
import type { Code } from '../domain/errors.ts';
import {
  type EvaluationSlice,
  type Predictions,
  parseEvaluationSlice,
  parsePredictions,
} from '../domain/measure/predictions.ts';
import { differ, recompute } from '../domain/measure/recompute.ts';
import { isKnownMetric, type StatedMetric } from '../domain/metric.ts';
import { fail, type Problem, pointerOf, problem, type Result } from '../domain/result.ts';
import { baselineScores, sealedScores, type Who } from './material.ts';
import type { Comparison } from './types.ts';

/** Scores are written with six places or more; what two scorers round differently is no contradiction. */
const SCORE_TOLERANCE = 1.000001e-6;

/** Predictions are of exactly the sealed rows, agree with what was sealed before, and give the figures that are stated. */
export function predictionContradictions(c: Comparison): Problem[] {
  const slice = sliceOf(c);
  const problems: Problem[] = [];
  if (!slice.ok) problems.push(...recoded(slice.problems, 'EVALUATION_SLICE_MISMATCH'));
  else problems.push(...rowCount(c, slice.value));
  if (c.request.predictions === undefined) return problems;
  const content = c.bytes(c.request.predictions);
  const predictions = content === undefined ? notHere('/predictions') : parsePredictions(content);
  if (!predictions.ok) return [...problems, ...recoded(predictions.problems, 'PREDICTIONS_MISMATCH')];
  return [
    ...problems,
    ...(slice.ok ? rowContradictions(predictions.value, slice.value) : []),
    ...baselineContradictions(c, predictions.value, 'incumbent'),
    ...baselineContradictions(c, predictions.value, 'lastHumanApproved'),
    ...metricContradictions(c, predictions.value),
  ];
}

const notHere = (pointer: string) => fail(problem('BYTES_MISSING', pointer, 'these bytes are not in the vault'));

/** A file that cannot be read contradicts the request that names it as evidence: refused and sealed, like any other. */
const recoded = (problems: readonly Problem[], code: Code): Problem[] =>
  problems.map(({ pointer, detail }) => problem(code, pointer, detail));

export function sliceOf(c: Comparison): Result<EvaluationSlice> {
  const content = c.bytes(c.request.evaluationRegime.slice);
  const pointer = '/evaluationRegime/slice';
  return content === undefined ? notHere(pointer) : parseEvaluationSlice(content, c.request.evaluationRegime, pointer);
}

function rowCount({ request }: Comparison, slice: EvaluationSlice): Problem[] {
  const i = request.dataset.findIndex(({ digest }) => digest === request.evaluationRegime.slice);
  const stated = request.dataset[i]?.rows;
  if (stated === undefined || stated === slice.rowIds.length) return [];
  return [
    problem('EVALUATION_SLICE_MISMATCH', `/dataset/${i}/rows`, `${stated} rows are stated, ${slice.rowIds.length} are there`),
  ];
}

/** By row id, since order means nothing. Counts only: a refusal is sealed, and ids may be those of people. */
function rowContradictions(predictions: Predictions, slice: EvaluationSlice): Problem[] {
  const problems: Problem[] = [];
  const count = (rows: number, detail: string) => {
    if (rows > 0) problems.push(problem('PREDICTIONS_MISMATCH', '/predictions', `${rows} rows: ${detail}`));
  };
  const at = new Map(slice.rowIds.map((id, row) => [id, row]));
  const scored = new Set(predictions.rowIds);
  count(slice.rowIds.filter((id) => !scored.has(id)).length, 'in the evaluation slice and not scored');
  count(predictions.rowIds.filter((id) => !at.has(id)).length, 'scored and not in the evaluation slice');
  const unlike = (ours: readonly unknown[], theirs: readonly unknown[]) =>
    predictions.rowIds.filter((id, row) => {
      const there = at.get(id);
      return there !== undefined && ours[row] !== theirs[there];
    }).length;
  count(unlike(predictions.labels, slice.labels), 'another label than in the evaluation slice');
  for (const [name, cells] of predictions.segments) {
    const theirs = slice.column(name);
    if (theirs !== undefined) count(unlike(cells, theirs), `another value of "${name}" than in the evaluation slice`);
    else problems.push(problem('PREDICTIONS_MISMATCH', '/predictions', `the evaluation slice has no column "${name}"`));
  }
  return problems;
}

/** The same model scored the same rows before, and that was sealed. */
function baselineContradictions(c: Comparison, predictions: Predictions, who: Who): Problem[] {
  const baseline = c[who];
  const scores = predictions[who];
  const sealed = baseline && sealedScores(c, predictions, baseline);
  if (!scores || !sealed) return [];
  const rows = scores.filter((score, row) => Math.abs(score - (sealed[row] ?? Number.NaN)) > SCORE_TOLERANCE).length;
  const detail = `${rows} rows: the score in column ${who} is not the one its event sealed`;
  return rows === 0 ? [] : [problem('INCUMBENT_MISMATCH', '/predictions', detail)];
}

function metricContradictions(c: Comparison, predictions: Predictions): Problem[] {
  const { incumbent, request } = c;
  const sealed = incumbent && baselineScores(c, predictions, incumbent, 'incumbent');
  const known: Predictions = typeof sealed === 'object' && sealed ? { ...predictions, incumbent: sealed } : predictions;
  return request.challenger.metrics.flatMap((metric, i) => {
    const at = (key: string) => pointerOf(['challenger', 'metrics', i, key]);
    const again = recompute(metric, known, request.decisionRule, incumbent?.request.decisionRule ?? null);
    if (again === undefined) return columnContradiction(metric, at('segment'));
    const problems: Problem[] = [];
    const mismatch = (key: string, stated: string | number, found: string | number) =>
      problems.push(problem('METRIC_MISMATCH', at(key), `${nameOf(metric)}: stated ${stated}, the predictions give ${found}`));
    if (metric.n !== again.n) mismatch('n', metric.n, again.n);
    const check = (key: 'candidate' | 'incumbent', stated: Decimal, found: Decimal | null) => {
      if (found === null || differ(stated, found)) mismatch(key, stated, found ?? 'no such figure');
    };
    check('candidate', metric.candidate, again.candidate);
    // Without an incumbent's scores or rule there is nothing to hold its figure against; the diff says so.
    const checkable = known.incumbent !== null && (incumbent !== null || metric.name !== 'approval_rate');
    if (metric.incumbent !== null && checkable) check('incumbent', metric.incumbent, again.incumbent);
    return problems;
  });
}

/** A metric of ours in a segment that nobody can find in the predictions cannot be stated beside them. */
const columnContradiction = (metric: StatedMetric, pointer: string): Problem[] =>
  isKnownMetric(metric.name)
    ? [problem('METRIC_MISMATCH', pointer, `${nameOf(metric)}: the predictions do not hold this segment column`)]
    : [];

const nameOf = ({ name, segment }: StatedMetric): string =>
  segment === undefined ? name : `${name} in ${segment.column}=${segment.value}`;
