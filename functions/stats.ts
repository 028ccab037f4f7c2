// How long people wait, per committee (R51), and what the automated path saves (R26). Counted from rows: one month of ended
// requests at a time and durations in buckets, so that memory does not grow with the years.

import { activeOf } from './activation.ts';
import { factsOf } from './domain/dossier.ts';
import { stateOf, waitsForPeople } from './domain/flow.ts';
import type { RequestId } from './domain/request.ts';
import { type EndedRow as Ended, EndedRow, endedPk, keys, OUTCOMES, type Outcome, StartRow } from './domain/rows.ts';
import { answerBy } from './domain/sla.ts';
import { Spans } from './domain/spans.ts';
import type { Instant } from './domain/text.ts';
import type { DriveWorld } from './packs.ts';
import { readRouting } from './steps/route.ts';
import { readDossier } from './store.ts';

type Figures = { readonly count: number; readonly medianMs: number | null; readonly p90Ms: number | null };

type CommitteeStats = {
  /** Null: all together, each request once. */
  readonly committee: string | null;
  readonly waiting: number;
  readonly oldestMs: number | null;
  /** Of those that wait: how many nobody answered by when the policy asks for an answer. */
  readonly overdue: number;
  /** Requests that people were asked about, from their arrival and from the screen they decided on. */
  readonly fromReceived: Figures;
  readonly fromScreen: Figures;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Of the lines that this committee decides for: how many no person was asked about, and how long those took. */
  readonly automated: Figures & { readonly ofRouted: number };
};

export type Stats = { readonly at: Instant; readonly since: Instant; readonly committees: readonly CommitteeStats[] };

class Counter {
  waiting = 0;
  oldestMs: number | null = null;
  overdue = 0;
  readonly received = new Spans();
  readonly screen = new Spans();
  readonly automated = new Spans();
  routed = 0;
  readonly outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;

  wait(ms: number, late: boolean): void {
    this.waiting += 1;
    if (late) this.overdue += 1;
    this.oldestMs = Math.max(this.oldestMs ?? 0, ms);
  }

  end({ path, asked, outcome, receivedAt, screenStoredAt, decidedAt }: Ended): void {
    this.outcomes[outcome] += 1;
    if (path === null) return;
    this.routed += 1;
    const took = between(receivedAt, decidedAt);
    // Somebody on call was asked as well: that is no promotion without people.
    const alone = path === 'automated' && asked.length === 0;
    (alone ? this.automated : this.received).add(took);
    if (!alone && screenStoredAt !== null) this.screen.add(between(screenStoredAt, decidedAt));
  }

  told(committee: string | null): CommitteeStats {
    return {
      committee,
      waiting: this.waiting,
      oldestMs: this.oldestMs,
      overdue: this.overdue,
      fromReceived: figuresOf(this.received),
      fromScreen: figuresOf(this.screen),
      outcomes: this.outcomes,
      automated: { ...figuresOf(this.automated), ofRouted: this.routed },
    };
  }
}

const between = (from: Instant, to: Instant): number => Math.max(0, Date.parse(to) - Date.parse(from));
const figuresOf = (spans: Spans): Figures => ({
  count: spans.count,
  medianMs: spans.quantile(0.5),
  p90Ms: spans.quantile(0.9),
});

/** As of the world's clock. */
export async function statsOf(world: DriveWorld): Promise<Stats> {
  const at = world.clock.now();
  const all = new Counter();
  const counters = new Map<string, Counter>();
  const counterOf = (committee: string): Counter => {
    const counter = counters.get(committee) ?? new Counter();
    counters.set(committee, counter);
    return counter;
  };
  const registered = await committeesOfLines(world);
  for (const names of registered.values()) for (const name of names) counterOf(name);

  for (const { key } of await world.index.list('OPEN')) {
    const waits = await waitingFor(world, key.sk as RequestId, at);
    if (waits === undefined) continue;
    for (const counter of [all, ...waits.asked.map(counterOf)]) counter.wait(between(waits.receivedAt, at), waits.overdue);
  }
  const start = await world.index.get(keys.start);
  const since = start === undefined ? at : StartRow.parse(start.body).at;
  for (const month of monthsFrom(since, at)) {
    for (const { body } of await world.index.list(endedPk(month))) {
      const row = EndedRow.parse(body);
      // Nobody was asked: it counts for those who would have been.
      const whose = row.asked.length > 0 ? row.asked : (registered.get(row.line) ?? []);
      for (const counter of [all, ...whose.map(counterOf)]) counter.end(row);
    }
  }
  const sorted = [...counters].sort(([a], [b]) => (a < b ? -1 : 1));
  return { at, since, committees: [...sorted.map(([name, counter]) => counter.told(name)), all.told(null)] };
}

async function committeesOfLines(world: DriveWorld): Promise<Map<string, readonly string[]>> {
  const active = await activeOf(world.index);
  const pack = active && (await world.packs.load(active.row.pack));
  const lines = [...(pack?.lines.values() ?? [])];
  return new Map(lines.map((line) => [line.line, [...new Set(line.committees.map(({ committee }) => committee))]]));
}

type Waits = { readonly asked: string[]; readonly receivedAt: Instant; readonly overdue: boolean };

async function waitingFor(world: DriveWorld, id: RequestId, now: Instant): Promise<Waits | undefined> {
  const dossier = await readDossier(world.index, id);
  if (dossier === undefined || !waitsForPeople(stateOf(factsOf(dossier)))) return undefined;
  const routing = await readRouting(world, dossier);
  const asked = [...new Set(routing.groups.map(({ from }) => from))];
  return { asked, receivedAt: dossier.request.receivedAt, overdue: answerBy(routing, dossier, now)?.overdue ?? false };
}

/** `2026-11`, `2026-12`, … both ends included. */
function* monthsFrom(from: Instant, to: Instant): Generator<string> {
  let [year = 0, month = 1] = from.slice(0, 7).split('-').map(Number);
  for (;;) {
    const name = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
    if (name > to.slice(0, 7)) return;
    yield name;
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
  }
}
