// Sixty days of one line: a retrain every night, another use for the committee every Monday, members who answer one a day.
// With the parking rule (while people judge, automated requests for the same head wait) every committee finishes; the control takes
// the rule away. DAYS=60 is the whole of it (any number of days that does not end while a committee sits); the suite plays two weeks.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Manifest } from '../../cli/manifest.ts';
import { factsOf } from '../../functions/domain/dossier.ts';
import { stateOf } from '../../functions/domain/flow.ts';
import type { RequestId } from '../../functions/domain/request.ts';
import { sweep } from '../../functions/drive.ts';
import { manifestOf } from '../support/faults-races.ts';
import { type Nights, openNights } from '../support/nights.ts';
import { announce, built, dossierOf, explain, promote, upload, vote } from '../support/promote.ts';
import { type MemoryWorld, openMemoryWorld } from '../support/sim/base.ts';
import { ALICE, BOB, CAROL } from '../support/world.ts';

const parking = vi.hoisted(() => ({ on: true }));
vi.mock('../../functions/domain/flow.ts', async (original) => {
  const own = await original<typeof import('../../functions/domain/flow.ts')>();
  return {
    ...own,
    waitsForPeople: (state: Parameters<typeof own.waitsForPeople>[0]) => parking.on && own.waitsForPeople(state),
  };
});
afterEach(() => {
  parking.on = true;
});

const DAYS = Number(process.env['DAYS'] ?? 14);
const WEEK = 7;
const MEMBERS = [ALICE, BOB, CAROL];
const HOUR = 3_600_000;
const [FIRST_USE, OTHER_USE] = ['consumer-loans-origination', 'consumer-loans-top-up'];

type Counts = {
  /** How many came to which end. */
  readonly nightly: Record<string, number>;
  readonly committee: Record<string, number>;
  readonly automated: number;
  /** Waited for people after they were routed. */
  readonly parked: number;
  /** Committees under whose eyes a night changed what is in production. */
  readonly disturbed: number;
};

/** A copy of the example, with rows for each night. */
let nights: Nights;
beforeAll(async () => {
  nights = await openNights(DAYS);
});
afterAll(() => nights?.close());

async function announced(world: MemoryWorld, manifest: Manifest): Promise<RequestId> {
  const { request, blobs } = await built(world, manifest, nights.root);
  await upload(world, blobs);
  return announce(world, request);
}

async function play(world: MemoryWorld): Promise<Counts> {
  const first = await promote(world, await manifestOf('01-in-band-retrain/1-v01.yaml'));
  expect(first.decision?.outcome).toBe('approved');
  let [inProduction, wanted] = [FIRST_USE, OTHER_USE];
  const [nightly, committee]: [RequestId[], RequestId[]] = [[], []];
  let [automated, parked] = [0, 0];
  const disturbed = new Set<RequestId>();
  for (let day = 0; day < DAYS; day++) {
    // Two in the morning.
    const night = await announced(world, await nights.retrain(`night-${day}`, inProduction, day));
    nightly.push(night);
    const routed = await dossierOf(world, night);
    if (routed.routing?.path === 'automated') automated++;
    if (stateOf(factsOf(routed)) === 'settling') parked++;
    const sitting = committee.at(-1);
    const judged = sitting !== undefined && (await dossierOf(world, sitting)).decision === undefined;
    if (judged && routed.decision?.outcome === 'approved') disturbed.add(sitting);
    world.later(8 * HOUR);
    const member = MEMBERS[(day % WEEK) - 1];
    if (day % WEEK === 0) {
      const id = await announced(world, await nights.retrain(`committee-${day}`, wanted, day));
      committee.push(id);
      await explain(world, id);
    } else if (sitting !== undefined && member !== undefined) {
      await vote(world, sitting, member);
      const { decision } = await dossierOf(world, sitting);
      if (decision?.outcome === 'approved') [inProduction, wanted] = [wanted, inProduction];
    }
    world.later(16 * HOUR);
    await sweep(world);
    await world.run();
  }
  const ends = { nightly: await endsOf(world, nightly), committee: await endsOf(world, committee) };
  return { ...ends, automated, parked, disturbed: disturbed.size };
}

async function endsOf(world: MemoryWorld, ids: readonly RequestId[]): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const id of ids) {
    const dossier = await dossierOf(world, id);
    const name = dossier.decision?.outcome ?? stateOf(factsOf(dossier));
    counted[name] = (counted[name] ?? 0) + 1;
  }
  return counted;
}

const told = (name: string, counts: Counts) => process.stdout.write(`${DAYS} days, ${name}: ${JSON.stringify(counts)}\n`);

describe('R3 R31 R51 a line that is retrained every night', { timeout: DAYS * 10_000 + 60_000 }, () => {
  const committees = Math.ceil(DAYS / WEEK);

  it('with the parking rule every committee finishes, and the nights between them are automated', async () => {
    const counts = await play(await openMemoryWorld());
    told('with parking', counts);
    expect(counts.automated, 'no night goes to people').toBe(DAYS);
    expect(counts.committee).toEqual({ approved: committees });
    // The nights of Tuesday to Thursday wait for the committee of Monday, and its yes makes them stale.
    expect(counts.parked).toBe(3 * committees);
    expect(counts.nightly).toEqual({ approved: DAYS - counts.parked, stale: counts.parked });
    expect(counts.disturbed).toBe(0);
  });

  it('the control: without it a committee finishes only where no night is automated any more', async () => {
    parking.on = false;
    const counts = await play(await openMemoryWorld());
    told('without parking', counts);
    expect(counts.parked).toBe(0);
    // Another rule ends it: after twelve automated in a row (HIS-002) the nights wait for people, too, and a committee has its peace.
    expect(counts.disturbed).toBeGreaterThan(committees / 2);
    expect(counts.committee['stale']).toBe(counts.disturbed);
    expect(counts.committee['approved'] ?? 0).toBe(committees - counts.disturbed);
    expect(counts.nightly['approved']).toBe(counts.automated);
  });
});
