import type { PromotionRequest } from '../domain/request.ts';
import { type Problem, problem } from '../domain/result.ts';

/**
 * The commit of a seal is one transaction, and the strictest index takes 100 rows in one (TransactWriteItems). Ten are there for
 * every promotion; each artefact that explains it and each finding that it answers is one more.
 */
const MAX_ROWS_OF_SEAL = 80;

/** Said before anything is stored: a promotion that everybody approved and nobody can seal would be held for ever. */
export function tooManyRows({ explanation, answers = [] }: PromotionRequest): Problem[] {
  const artefacts = new Set(explanation.flatMap((one) => one.artefacts.map(({ digest }) => digest)));
  if (artefacts.size + answers.length <= MAX_ROWS_OF_SEAL) return [];
  const detail = `${artefacts.size} different artefacts and ${answers.length} answers; at most ${MAX_ROWS_OF_SEAL} together can be sealed at once`;
  return [problem('INVALID_VALUE', '/explanation', detail)];
}
