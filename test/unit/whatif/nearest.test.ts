import { describe, expect, it } from 'vitest';
import { nearestEscalation } from '../../../functions/whatif/nearest.ts';
import { withValue } from '../../../functions/whatif/numbers.ts';
import { golden, sideWith } from '../../support/what-if.ts';

const { decide } = sideWith();

describe('R18a R54 the smallest single figure that would have escalated', () => {
  it('is the one nearest to its limit, and past it the same policy takes a heavier path', async () => {
    for (const { input, id } of await golden()) {
      const decision = decide(input);
      const nearest = nearestEscalation(input, decide);
      if (decision.path === 'committee') expect(nearest, id).toBeUndefined();
      if (nearest === undefined) continue;
      expect(decide(withValue(input, nearest.pointer, nearest.fires)).path, id).toBe(nearest.path);
      expect(decide(withValue(input, nearest.pointer, nearest.fires - 1)).path, id).toBe(decision.path);
    }
  });

  it('many small steps: the score figure, 0.017 below a limit of 0.10', async () => {
    const { decide } = sideWith({ '/limits/population/score_reviewer_ppm': 100_000 });
    const past = (await golden()).find(({ input }) => decide(input).findings.some(({ code }) => code === 'POP-004'));
    expect(nearestEscalation(past?.input, decide)).toMatchObject({
      code: 'POP-002',
      pointer: '/population/against/incumbent/figures/score/psi_ppm',
      observed: 82_556,
      limit: 100_000,
      fires: 100_001,
      path: 'reviewer',
      because: ['POP-002'],
    });
  });
});
