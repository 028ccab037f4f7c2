// How often each rule fired, counted over what is sealed and what is open. Sealed envelopes never change, so each is read
// once in the life of this process; open requests are counted anew each time.
import { openEnvelope } from '../domain/event/envelope.ts';
import { isAbsent, parseStatement } from '../domain/event/statement.ts';
import type { RequestId } from '../domain/request.ts';
import type { Routing } from '../domain/routing.ts';
import type { DriveWorld } from '../packs.ts';
import { readRouting } from '../steps/route.ts';
import { readDossier } from '../store.ts';

/** `lastDay`: the UTC day of its latest routing. */
type Fired = { readonly promotions: number; readonly lastDay: string };

export type RuleCounts = {
  readonly fired: ReadonlyMap<string, Fired>;
  /** What was counted; `unread`: sealed envelopes that the next request goes on with. */
  readonly sealed: number;
  readonly open: number;
  readonly unread: number;
};

/** Envelopes read for one request at most: the first look at a large vault takes several. */
const AT_ONCE = 2000;

type Counted = Pick<Routing, 'findings' | 'holds' | 'obligations'>;

export function createRuleCounts(world: DriveWorld, atOnce = AT_ONCE): () => Promise<RuleCounts> {
  const seen = new Set<string>();
  const sealed = new Tally();

  const readNew = async (): Promise<number> => {
    const fresh: string[] = [];
    for (const prefix of ['events/', 'records/']) {
      for await (const key of world.vault.list(prefix)) if (!seen.has(key)) fresh.push(key);
    }
    for (const key of fresh.slice(0, atOnce)) {
      const found = await routedIn(world, key);
      // Two requests may read at once; each envelope counts once.
      if (!seen.has(key) && found) sealed.add(found.routing, found.day);
      seen.add(key);
    }
    return Math.max(0, fresh.length - atOnce);
  };

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

/** What a sealed promotion was routed by; undefined for records of other kinds, and for what ended before it was routed. */
async function routedIn(world: DriveWorld, key: string): Promise<{ routing: Counted; day: string } | undefined> {
  const envelope = await world.vault.get(key);
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  const statement = opened?.ok ? parseStatement(opened.value.payload) : undefined;
  const predicate = statement?.ok ? statement.value.predicate : undefined;
  if (predicate?.kind !== 'promotion' || isAbsent(predicate.routing)) return undefined;
  return { routing: predicate.routing, day: (predicate.times.routedAt ?? predicate.times.decidedAt).slice(0, 10) };
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
