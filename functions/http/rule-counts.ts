// How often each rule fired, counted over what is sealed and what is open; open requests are counted anew each time.
import { isAbsent } from '../domain/event/statement.ts';
import type { RequestId } from '../domain/request.ts';
import type { Routing } from '../domain/routing.ts';
import type { DriveWorld } from '../packs.ts';
import { readRouting } from '../steps/route.ts';
import { readDossier } from '../store.ts';
import { readSealedOnce } from './sealed.ts';

/** `lastDay`: the UTC day of its latest routing. */
type Fired = { readonly promotions: number; readonly lastDay: string };

export type RuleCounts = {
  readonly fired: ReadonlyMap<string, Fired>;
  /** What was counted; `unread`: sealed envelopes that the next request goes on with. */
  readonly sealed: number;
  readonly open: number;
  readonly unread: number;
};

type Counted = Pick<Routing, 'findings' | 'holds' | 'obligations'>;

export function createRuleCounts(world: DriveWorld, atOnce?: number): () => Promise<RuleCounts> {
  const sealed = new Tally();
  const readNew = readSealedOnce(
    world.vault,
    ({ routing, times }) => {
      // What ended before it was routed fired nothing.
      if (!isAbsent(routing)) sealed.add(routing, (times.routedAt ?? times.decidedAt).slice(0, 10));
    },
    atOnce,
  );

  return async () => {
    const unread = await readNew();
    const all = sealed.copy();
    for (const row of await world.index.list('OPEN')) {
      const dossier = await readDossier(world.index, row.key.sk as RequestId);
      // Sealed a moment ago: counted above.
      if (dossier?.routing === undefined || dossier.seal !== undefined) continue;
      all.add(await readRouting(world, dossier), dossier.routing.routedAt.slice(0, 10));
    }
    return { fired: all.fired, sealed: sealed.promotions, open: all.promotions - sealed.promotions, unread };
  };
}

class Tally {
  readonly fired = new Map<string, Fired>();
  promotions = 0;

  /** One promotion counts once for a rule, at however many places it fired. */
  add({ findings, holds, obligations }: Counted, day: string): void {
    this.promotions += 1;
    for (const code of new Set([...findings, ...holds, ...obligations].map((one) => one.code))) {
      const before = this.fired.get(code);
      const lastDay = before !== undefined && before.lastDay > day ? before.lastDay : day;
      this.fired.set(code, { promotions: (before?.promotions ?? 0) + 1, lastDay });
    }
  }

  copy(): Tally {
    const copy = new Tally();
    copy.promotions = this.promotions;
    for (const [code, fired] of this.fired) copy.fired.set(code, fired);
    return copy;
  }
}
