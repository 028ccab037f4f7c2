import { type Problem, problem } from '../domain/result.ts';
import { bandChanges } from './bands.ts';
import { evaluationContradictions, explanationContradictions } from './contradict-evaluation.ts';
import { gateContradictions } from './contradict-gates.ts';
import { approvedAlready, modelContradictions } from './contradict-model.ts';
import { predictionContradictions } from './contradict-predictions.ts';
import { profileContradictions } from './contradict-profiles.ts';
import { familyChanges } from './diff-rest.ts';
import type { Comparison } from './types.ts';

/**
 * Everything the request says that its own bytes or a sealed event deny, all at once. One is enough to refuse: a missing
 * figure is `unknown` and goes to people, a wrong one cannot be approved away.
 */
export function contradictionsOf(c: Comparison): Problem[] {
  return [
    ...modelContradictions(c),
    ...evaluationContradictions(c),
    ...explanationContradictions(c),
    ...incumbentContradictions(c),
    ...predictionContradictions(c),
    ...profileContradictions(c),
    ...gateContradictions(c),
    ...termsContradictions(c),
  ];
}

/**
 * Why a request that is announced now is refused. What is approved already says that alone: held against itself it would only
 * break rules made for a candidate. Not asked when a sealed event is replayed: it was decided under what held then.
 */
export function refusalsOf(c: Comparison): Problem[] {
  const already = approvedAlready(c);
  return already ? [already] : contradictionsOf(c);
}

function incumbentContradictions({ request: { challenger }, incumbent }: Comparison): Problem[] {
  if (challenger.against.kind !== 'incumbent' || incumbent === null) return [];
  if (challenger.against.root === incumbent.request.model.root) return [];
  return [problem('INCUMBENT_MISMATCH', '/challenger/against/root', 'the incumbent was sealed with another model root')];
}

/** Terms that claim to be carried must be the incumbent's, or tighter; a family may join, none may be re-invented. */
function termsContradictions({ request: { terms }, incumbent }: Comparison): Problem[] {
  if (terms.carriedFrom === null) return [];
  if (terms.carriedFrom !== incumbent?.event) {
    return [problem('TERMS_MISMATCH', '/terms/carriedFrom', 'terms are carried from the incumbent or from nobody')];
  }
  const before = incumbent.request.terms;
  const bands = bandChanges(before, terms).loosened.map(({ band, from, to }) =>
    problem('TERMS_MISMATCH', '/terms/bands', `the band of ${band} was sealed as ${from} and is carried as ${to}`),
  );
  const families = familyChanges(before, terms)
    .filter(({ from }) => from !== 'none')
    .map(({ name, from, to }) =>
      problem('TERMS_MISMATCH', '/terms/families', `"${name}" was sealed as family "${from}" and is carried as "${to}"`),
    );
  return [...bands, ...families];
}
