import { type Problem, problem } from '../domain/result.ts';
import type { Comparison } from './types.ts';

/** Metrics stand on one named evaluation slice (R5a, R9a). */
export function evaluationContradictions({ request }: Comparison): Problem[] {
  const { slice } = request.evaluationRegime;
  const problems: Problem[] = [];
  if (!request.dataset.some(({ digest, role }) => digest === slice && role === 'evaluation')) {
    problems.push(
      problem('EVALUATION_SLICE_MISMATCH', '/evaluationRegime/slice', 'dataset has no evaluation slice with this digest'),
    );
  }
  if (request.challenger.evaluationSlice !== slice) {
    problems.push(
      problem('EVALUATION_SLICE_MISMATCH', '/challenger/evaluationSlice', 'the metrics name another slice than the regime'),
    );
  }
  return problems;
}

/** R8b: the plot made on last quarter's slice. Only fairness may look at a part of the rows, if it says of which. */
export function explanationContradictions({ request }: Comparison): Problem[] {
  const { slice } = request.evaluationRegime;
  const derived = new Set(request.dataset.flatMap((one) => (one.derivedFrom === slice ? [one.digest] : [])));
  return request.explanation.flatMap((one, i) => {
    if (one.slice === slice || (one.kind === 'fairness' && derived.has(one.slice))) return [];
    const detail = `the ${one.kind} explanation was made on another slice than the metrics`;
    return [problem('EXPLANATION_SLICE_MISMATCH', `/explanation/${i}/slice`, detail)];
  });
}
