import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Stats, statsText } from '../../../cli/commands/stats.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { type EndedRow, keys } from '../../../functions/domain/rows.ts';
import { Spans } from '../../../functions/domain/spans.ts';
import { instantOf } from '../../../functions/domain/text.ts';
import { statsOf } from '../../../functions/stats.ts';
import { deskOf } from '../../support/activation.ts';
import { announce, built, explain, manifestAt, promote, upload, vote } from '../../support/promote.ts';
import { decidedBy, seat, withLines } from '../../support/staged-line.ts';
import { ALICE, openWorld, type TestWorld } from '../../support/world.ts';

const HOUR = 3_600_000;

let world: TestWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const of = async (committee: string | null) => (await statsOf(world)).committees.find((one) => one.committee === committee);

async function waits(line: string) {
  const manifest = await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml');
  const { request, blobs } = await built(world, { ...manifest, line, environment: 'sandbox' });
  await upload(world, blobs);
  const id = await announce(world, request);
  await explain(world, id);
  return id;
}

describe('R51 R26 what waits and how long decisions take', () => {
  it('is counted per committee, each of them for its own lines', async () => {
    await withLines(deskOf(world), { 'cards-a': decidedBy('cards'), 'motor-a': decidedBy('motor') });
    const first = await waits('cards-a');
    world.later(5 * HOUR);
    await waits('motor-a');
    world.later(HOUR);
    expect(await of('cards')).toMatchObject({ waiting: 1, fromReceived: { count: 0, medianMs: null } });
    expect(Math.round(((await of('cards'))?.oldestMs ?? 0) / HOUR)).toBe(6);
    expect(Math.round(((await of('motor'))?.oldestMs ?? 0) / HOUR)).toBe(1);
    expect(await of(null)).toMatchObject({ waiting: 2 });

    await vote(world, first, seat('person-card', 'model-risk', 'cards'), 'reject');
    const cards = await of('cards');
    expect(cards).toMatchObject({
      waiting: 0,
      oldestMs: null,
      outcomes: { rejected: 1, approved: 0 },
      fromReceived: { count: 1 },
    });
    const took = cards?.fromReceived.medianMs ?? 0;
    expect(Math.abs(took - 6 * HOUR)).toBeLessThan(0.02 * 6 * HOUR);
    expect(await of('motor')).toMatchObject({ waiting: 1, outcomes: { rejected: 0 } });
    await vote(world, first, ALICE);
  }, 30_000);

  it('R26 an automated promotion counts for the committee that was spared', async () => {
    await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
    await promote(world, await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml'));
    const stats = await of('retail-credit');
    expect(stats).toMatchObject({
      outcomes: { approved: 2 },
      automated: { count: 1, ofRouted: 2 },
      fromReceived: { count: 1 },
    });
    expect(stats?.automated.medianMs).toBeLessThan(1000);
  }, 30_000);

  it('months before this one count, and what was never routed is no decision of people', async () => {
    const at = (day: string) => instantOf(Date.parse(day));
    const ended = (id: string, more: Partial<EndedRow>): EndedRow => ({
      id: `req-${id.repeat(26)}` as RequestId,
      line: 'german-credit-01-in-band-retrain',
      path: 'committee',
      outcome: 'approved',
      asked: ['retail-credit'],
      receivedAt: at('2026-11-30T00:00:00.000Z'),
      screenStoredAt: at('2026-11-30T12:00:00.000Z'),
      decidedAt: at('2026-12-02T00:00:00.000Z'),
      ...more,
    });
    const rows = [
      ended('a', {}),
      ended('b', { decidedAt: at('2027-01-02T00:00:00.000Z') }),
      ended('c', { path: null, asked: [], outcome: 'refused' }),
    ];
    await world.index.commit(rows.map((body) => ({ kind: 'fact', key: keys.ended(body.decidedAt, body.id), body })));
    world.later(100 * 24 * HOUR);
    const stats = await of('retail-credit');
    expect(stats).toMatchObject({
      outcomes: { approved: 2, refused: 1 },
      fromReceived: { count: 2 },
      automated: { ofRouted: 2 },
    });
    expect(Math.round((stats?.fromScreen.medianMs ?? 0) / HOUR / 24)).toBe(2);
    expect(Math.round((stats?.fromReceived.p90Ms ?? 0) / HOUR / 24)).toBe(33);
  });

  it('the table keeps to 100 columns, whatever a committee is called', async () => {
    await withLines(deskOf(world), { long: decidedBy('c'.repeat(63)) });
    const told = Stats.parse(JSON.parse(JSON.stringify(await statsOf(world))));
    const full = told.committees.map((one) => ({
      ...one,
      waiting: 99_999,
      overdue: 99_999,
      oldestMs: 3000 * 24 * HOUR + 23 * HOUR,
      fromReceived: { count: 9, medianMs: 300 * 24 * HOUR + 23 * HOUR, p90Ms: 3000 * 24 * HOUR + 23 * HOUR },
      outcomes: { ...one.outcomes, approved: 99_999, rejected: 9999, returned: 9999, expired: 99_999 },
      automated: { count: 99_999, medianMs: 23 * HOUR, p90Ms: HOUR, ofRouted: 99_999 },
    }));
    const text = statsText({ ...told, committees: full });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(text).toContain('cccccc…');
  });
});

describe('quantiles in bounded memory', () => {
  it('are the nearest rank, within 2 % and never above the longest by more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 315_360_000_000 }), { minLength: 1 }),
        fc.constantFrom(0.5, 0.9, 1),
        (all, share) => {
          const spans = new Spans();
          for (const ms of all) spans.add(ms);
          const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? 0;
          expect(Math.abs((spans.quantile(share) ?? 0) - exact)).toBeLessThanOrEqual(Math.max(1, exact * 0.02));
        },
      ),
    );
  });

  it('of nothing is nothing', () => expect(new Spans().quantile(0.5)).toBeNull());
});
