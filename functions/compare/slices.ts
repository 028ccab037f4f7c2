import { type Digest, digestOf } from '../domain/digest.ts';
import { type PromotionRequest, slicesOf } from '../domain/request.ts';
import type { Slice } from '../domain/slice.ts';
import { epochDay } from '../domain/text.ts';

type Role = Slice['role'];

const LONGEST = 400;

const NONE = 'no filter';

/** Quoted where it could be read as something else: as two filters, as another slice, or as none. */
const quoted = (filter: string): string => (filter === NONE || /[";,:]/.test(filter) ? JSON.stringify(filter) : filter);

/** How the rows of these roles were chosen, in one text, another one for each other choice; order says nothing. */
function filtersOf(request: PromotionRequest, roles: readonly Role[]): string {
  const texts = roles.flatMap((role) =>
    slicesOf(request, role).map(({ filters }) => `${role}: ${[...new Set(filters)].sort().map(quoted).join('; ') || NONE}`),
  );
  const text = [...new Set(texts)].sort().join(', ');
  // A finding quotes it, and a finding is short.
  return text.length <= LONGEST ? text : `${texts.length} choices, ${digestOf(text)}`;
}

export const filterChange = (before: PromotionRequest, after: PromotionRequest, roles: readonly Role[]) => ({
  from: filtersOf(before, roles),
  to: filtersOf(after, roles),
});

/** How new the scored rows are against the baseline's: old ones cannot show that nobody moved since (R32). */
export function freshness(before: PromotionRequest, after: PromotionRequest) {
  const last = (request: PromotionRequest) =>
    Math.max(...slicesOf(request, 'scoring').map(({ window }) => epochDay(window.to)));
  const seen = new Set(slicesOf(before, 'scoring').map(({ digest }) => digest));
  return {
    fromDay: last(before),
    toDay: last(after),
    sameRows: slicesOf(after, 'scoring').some(({ digest }) => seen.has(digest)),
  };
}

/** All that a slice was cut from, over however many slices between: one more step hides nothing. */
function cutFrom({ dataset }: PromotionRequest, { derivedFrom }: Slice): Set<Digest> {
  const above = new Set<Digest>(derivedFrom === undefined ? [] : [derivedFrom]);
  // A set is walked in the order it grows, and what is in it already is not added again: a circle ends.
  for (const digest of above)
    for (const slice of dataset) if (slice.digest === digest && slice.derivedFrom !== undefined) above.add(slice.derivedFrom);
  return above;
}

export type Leak = { slice: string; of: string; how: 'window-overlaps' | 'derived' };

/**
 * Ways in which the model may have learned from the rows it is judged on, as far as the request's own words show. One digest
 * in two roles does not come this far: such a request does not parse.
 */
export function leaksOf(request: PromotionRequest): Leak[] {
  const train = slicesOf(request, 'train');
  const judging = [...slicesOf(request, 'validation'), ...slicesOf(request, 'evaluation')];
  return train.flatMap((learned) =>
    judging.flatMap((judged): Leak[] => {
      const leak = (how: Leak['how']): Leak[] => [{ slice: learned.name, of: judged.name, how }];
      if (cutFrom(request, judged).has(learned.digest) || cutFrom(request, learned).has(judged.digest)) return leak('derived');
      // Validation rows steer the fit and may be of its time; the rows that the metrics stand on may not.
      if (judged.digest !== request.evaluationRegime.slice) return [];
      return learned.window.from <= judged.window.to && judged.window.from <= learned.window.to ? leak('window-overlaps') : [];
    }),
  );
}
