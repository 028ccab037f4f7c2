import { derivedFault } from '../domain/measure/derived.ts';
import { type Problem, problem } from '../domain/result.ts';
import { sliceOf } from './contradict-predictions.ts';
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
export function explanationContradictions(c: Comparison): Problem[] {
  const { slice } = c.request.evaluationRegime;
  const evaluation = sliceOf(c);
  return c.request.explanation.flatMap((one, i) => {
    if (one.slice === slice) return [];
    const wrong = (detail: string) => [problem('EXPLANATION_SLICE_MISMATCH', `/explanation/${i}/slice`, detail)];
    const part = c.request.dataset.find(({ digest, derivedFrom }) => digest === one.slice && derivedFrom === slice);
    if (one.kind !== 'fairness' || part === undefined) {
      return wrong(`the ${one.kind} explanation was made on another slice than the metrics`);
    }
    // An evaluation slice that cannot be read is refused on its own account.
    const fault = evaluation.ok ? derivedFault(part, evaluation.value) : null;
    return fault === null ? [] : wrong(`the slice it was made on is not derived as stated: ${fault}`);
  });
}
