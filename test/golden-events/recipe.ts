import { readEvent } from '../../functions/baseline.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import type { Predicate } from '../../functions/domain/event/statement.ts';
import type { Outcome } from '../../functions/domain/rows.ts';
import type { TestWorld } from '../support/world.ts';

export type Recipe = {
  readonly kind: Predicate['kind'];
  /** Of a promotion: what became of it, and by which path. Of a change of keys or a transition: which one it is. */
  readonly outcome?: Outcome;
  readonly path?: string;
  readonly what?: string;
  /** In a world of its own, with fixed keys and a fixed clock, after its start. */
  readonly seal: (world: TestWorld) => Promise<EventHash>;
};

/** The last record of a kind, by its own time. */
export async function lastOf(world: TestWorld, kind: Exclude<Predicate['kind'], 'promotion'>): Promise<EventHash> {
  const found: { at: string; hash: EventHash }[] = [];
  for await (const key of world.vault.list('records/')) {
    const event = await readEvent(world, `sha256:${key.slice('records/'.length, -'.dsse.json'.length)}` as EventHash);
    if (event?.predicate.kind === kind) found.push({ at: event.predicate.at, hash: event.hash });
  }
  const last = found.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  if (last === undefined) throw new Error(`no ${kind} is sealed`);
  return last.hash;
}
