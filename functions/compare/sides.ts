import type { Dimension, Side, Why } from '../domain/diff.ts';
import type { Who } from './material.ts';
import type { Baseline, Comparison } from './types.ts';

const RANK = ['same', 'measured', 'differs', 'unknown'] as const;
type State = (typeof RANK)[number];

/** Looks at both baselines and takes the worst of the two; the last human-approved version is not looked at twice. */
export function dimension<Own, F>(
  c: Comparison,
  figures: Own,
  against: (baseline: Baseline, who: Who) => Side<F>,
): Dimension<Own, F> {
  const incumbent: Side<F> = c.incumbent === null ? { state: 'none' } : against(c.incumbent, 'incumbent');
  const lastHumanApproved = lastHuman(c, against);
  const sides = { incumbent, lastHumanApproved };
  // Without an incumbent nothing was compared with what runs today, whatever else there is to look at.
  if (c.incumbent === null) return { state: 'unknown', against: sides, figures, why: ['no-incumbent'] };
  const why = [...new Set([incumbent, lastHumanApproved].flatMap((side) => (side.state === 'unknown' ? side.why : [])))].sort();
  const state = worst([incumbent.state, lastHumanApproved.state]);
  return { state, against: sides, figures, ...(why.length > 0 ? { why } : {}) };
}

function lastHuman<F>(c: Comparison, against: (baseline: Baseline, who: Who) => Side<F>): Side<F> {
  if (c.lastHumanApproved === null) return { state: 'none' };
  if (c.lastHumanApproved.event === c.incumbent?.event) return { state: 'asIncumbent' };
  return against(c.lastHumanApproved, 'lastHumanApproved');
}

const isState = (state: Side<unknown>['state']): state is State => state !== 'none' && state !== 'asIncumbent';

const worst = (states: Side<unknown>['state'][]): State =>
  states.filter(isState).reduce<State>((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'same');

/** Facts of the candidate alone: there is always an answer, so a first promotion has one too. */
export const ownFacts = <Own>(c: Comparison, figures: Own): Dimension<Own, Record<never, never>> => ({
  against: dimension<Own, Record<never, never>>(c, figures, () => ({ state: 'measured', figures: {} })).against,
  figures,
  state: 'measured',
});

export const equalOr = <F>(equal: boolean, figures: F): Side<F> => ({ state: equal ? 'same' : 'differs', figures });

/** Measured when nothing is missing; otherwise unknown, with what could be measured. */
export function measuredOr<F>(why: Iterable<Why>, figures: F): Side<F> {
  const reasons = [...new Set(why)].sort();
  return reasons.length === 0 ? { state: 'measured', figures } : { state: 'unknown', why: reasons, figures };
}

export const byText =
  <T>(text: (item: T) => string) =>
  (a: T, b: T): number =>
    text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
