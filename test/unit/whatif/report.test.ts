import { describe, expect, it } from 'vitest';
import { canonicalDigest } from '../../../functions/domain/canonical.ts';
import { KINDS } from '../../../functions/whatif/change.ts';
import { withValue } from '../../../functions/whatif/numbers.ts';
import type { Past, Side } from '../../../functions/whatif/types.ts';
import { limitAt } from '../../support/limits.ts';
import { asked, golden, sideWith, stream } from '../../support/what-if.ts';

const LIMIT = '/limits/population/score_reviewer_ppm';
const RECORDED = '/limits/population/score_recorded_ppm';
const RATE = '/limits/metrics/overall_ppm/approval_rate';
const SCORE = '/population/against/incumbent/figures/score/psi_ppm';
const committed = sideWith();
const NOW = limitAt(LIMIT);
/** In this file the score's limit goes down and up by one step. */
const STEP = 20_000;
const [tighter, looser] = [sideWith({ [LIMIT]: NOW - STEP }), sideWith({ [LIMIT]: NOW + STEP })];

/** The automated promotion of the corpus with its score figure moved: history near the limit. */
async function near(ppm: number): Promise<Past> {
  const past = (await golden()).find(({ input }) => committed.decide(input).findings.some(({ code }) => code === 'POP-004'));
  if (past === undefined) throw new Error('the corpus lost its automated promotion');
  const input = withValue(past.input, SCORE, ppm);
  return { ...past, id: `near ${ppm}`, input, inputDigest: canonicalDigest(input) };
}

describe('R35 R52 what a change of the policy would have done to history', () => {
  it('says in one sentence whom a tighter limit re-routes, with figure, old and new limit', async () => {
    const report = await asked(committed, tighter, {
      corpus: stream([await near(NOW - STEP / 2), await near(NOW - 2 * STEP)]),
    });
    expect(report.sentence).toBe('Of 2 promotions, 1 would re-route: 1 heavier.');
    const [row] = report.rows;
    expect(row).toMatchObject({
      id: `near ${NOW - STEP / 2}`,
      kind: 'heavier',
      from: 'automated',
      to: 'reviewer',
      loosened: [],
    });
    expect(row?.figures[0]).toEqual({
      code: 'POP-002',
      pointer: SCORE,
      observed: NOW - STEP / 2,
      unit: 'ppm',
      oldLimit: NOW,
      newLimit: NOW - STEP,
    });
    expect(report.bump.version).toBe('minor');
  });

  it('names what gets weaker when a limit is loosened', async () => {
    const report = await asked(committed, looser, { corpus: stream([await near(NOW + STEP / 2)]) });
    expect(report.sentence).toBe('Of 1 promotion, 1 would re-route: 1 lighter.');
    expect(report.rows[0]?.loosened).toEqual(['POP-002']);
    expect(report.bump.version).toBe('major');
  });

  it('decides at every boundary between the limits, where history has nothing', async () => {
    const report = await asked(committed, tighter);
    const [ghost] = report.ghosts;
    expect(ghost).toMatchObject({ pointer: LIMIT, rule: 'POP-002', figure: SCORE });
    expect(ghost?.points.map(({ value, from, to }) => [value, from, to])).toEqual([
      [NOW - STEP, 'automated', 'automated'],
      [NOW - STEP + 1, 'automated', 'reviewer'],
      [NOW - STEP / 2, 'automated', 'reviewer'],
      [NOW, 'automated', 'reviewer'],
      [NOW + 1, 'reviewer', 'reviewer'],
    ]);
    expect(ghost?.points[1]?.decides).toEqual(['POP-002']);
  });

  it('finds the figure of a rule that only speaks when it fires', async () => {
    const report = await asked(committed, sideWith({ [RECORDED]: limitAt(RECORDED) + 10_000 }));
    const point = report.ghosts
      .find(({ rule }) => rule === 'POP-001')
      ?.points.find(({ value }) => value === limitAt(RECORDED) + 5_000);
    expect(point).toMatchObject({ kind: 'reasons', from: 'automated', to: 'automated', loosened: ['POP-001'] });
    expect(report.bump.version).toBe('major');
  });

  it('tells apart the limits of two metrics that one rule reads', async () => {
    const report = await asked(committed, sideWith({ [RATE]: limitAt(RATE) / 2 }));
    const ghost = report.ghosts.find(({ rule }) => rule === 'MET-001');
    expect(ghost?.points.map(({ kind }) => kind)).toContain('heavier');
    expect(report.untested).toEqual([]);
  });

  it('says which changed data no input can show, and counts the doubt as lighter', async () => {
    const [line] = (await golden()).map((past) => past.line);
    const report = await asked(committed, sideWith({ [`/lines/${line}/minRows`]: 20 }));
    expect(report.untested).toEqual([`/lines/${line}/minRows`]);
    expect(report.bump).toMatchObject({ version: 'major' });
  });
});

describe('R35 nothing is skipped silently', () => {
  const broken = { id: 'events/x', broken: 'the input differs from its sealed digest' };
  const unreadable = async () => ({ ...(await near(1)), id: 'old', input: { schema: 'routing-input/unreadable' } });

  it('counts add up to the promotions, whatever is wrong with some', async () => {
    const corpus = stream([...(await golden()), broken, await unreadable()]);
    const { counts, incompatible, errors } = await asked(committed, tighter, { corpus });
    expect(KINDS.reduce((sum, kind) => sum + counts[kind], 0)).toBe(counts.replayed);
    expect(counts.replayed + counts.schemaIncompatible + counts.errors).toBe(counts.promotions);
    expect([counts.schemaIncompatible, counts.errors]).toEqual([1, 1]);
    expect(incompatible).toEqual(['old']);
    expect(errors).toEqual([broken]);
  });

  it('shows what differs only as of today', async () => {
    const past = await near(40_000);
    const day = (past.input as { evaluatedAtDay: number }).evaluatedAtDay;
    // A pack whose answer changes with the day, as one with a waiver that ran out would.
    const dated: Side = {
      ...tighter,
      decide: (input) =>
        (input as { evaluatedAtDay: number }).evaluatedAtDay === day
          ? committed.decide(input)
          : { ...committed.decide(input), path: 'committee' },
    };
    const report = await asked(committed, dated, { corpus: stream([past]) });
    expect(report.sentence).toBe('Of 1 promotion, none would re-route; 1 more as of today.');
    expect(report.rows[0]).toMatchObject({ kind: 'unchanged', to: 'automated', today: { kind: 'heavier', to: 'committee' } });
  });

  it('is the same report for the same packs, corpus and day', async () => {
    expect(await asked(committed, tighter)).toEqual(await asked(committed, tighter));
  });
});

describe('R35 the version follows the effect', () => {
  const version = async (...args: Parameters<typeof asked>) => (await asked(...args)).bump.version;
  const renamed: Side = { ...committed, digest: canonicalDigest('the same rules, written better') };

  it('none for the same bytes, patch when no decision changes', async () => {
    expect(await version(committed, committed)).toBe('none');
    expect(await version(committed, renamed)).toBe('patch');
  });

  it('minor when only heavier, major when anything is lighter, even only at a limit', async () => {
    expect(await version(committed, tighter)).toBe('minor');
    expect(await version(committed, looser)).toBe('major');
  });

  it('major when the input schema changed; unknown when something could not be replayed', async () => {
    expect(await version(committed, renamed, { sameInputSchema: false })).toBe('major');
    expect(await version(committed, renamed, { corpus: stream([]) })).toBeNull();
  });
});
