// Looks at the registries by itself: hooks get lost, and an alias that somebody moves by hand is no approval (R21).
import { readPromotion } from '../baseline.ts';
import { canonicalBytes, sameJson } from '../domain/canonical.ts';
import {
  AlarmRow as Alarm,
  type AlarmRow,
  hintKeys,
  MatchedRow,
  MovedRow,
  SoughtRow,
  type Wish,
  wishIdOf,
} from '../domain/hint.ts';
import { aliasFor, type Connection } from '../registry.ts';
import { readHead, storeBytes } from '../store.ts';
import { remember } from './hear.ts';
import type { RegistryWorld } from './world.ts';

/** Every wish that stands in a registry and that no hook told us of. Answers how many those were. */
export async function sweepRegistry(world: RegistryWorld, { registry, models }: Connection): Promise<number> {
  const known = await knownWishes(world);
  let found = 0;
  for (const mapped of models)
    for (const wish of await registry.sweep(mapped.model)) {
      if (aliasFor(mapped, wish.environment) === undefined || known.has(wishIdOf(wish))) continue;
      const receivedAt = world.clock.now();
      // There was no delivery: what was found, and when, stands in its place.
      const id = await storeBytes(world.vault, canonicalBytes({ schema: 'swept/v0', wish, at: receivedAt }));
      await remember(world, { id, wish, source: 'sweep', delivery: id, receivedAt });
      found++;
    }
  return found;
}

async function knownWishes({ index }: RegistryWorld): Promise<ReadonlySet<string>> {
  const sought = (await index.list(hintKeys.soughtPk)).map(({ body }) => SoughtRow.parse(body).wish);
  const matched = (await index.list(hintKeys.matchedPk)).map(({ body }) => MatchedRow.parse(body).wish);
  return new Set([...sought, ...matched].map((wish: Wish) => wishIdOf(wish)));
}

/** An alarm stands as long as alias and head differ. It changes nothing: people find out who did it. Answers the new ones. */
export async function checkAliases(world: RegistryWorld, connection: Connection): Promise<AlarmRow[]> {
  const raised: AlarmRow[] = [];
  for (const { model, line, aliases } of connection.models) {
    const now = new Map((await connection.registry.checkProduction(model)).map((one) => [one.alias, one.version]));
    for (const [environment, alias] of Object.entries(aliases)) {
      const alarm = await alarmAt(
        world,
        { registry: connection.registry.name, model, alias, line, environment },
        now.get(alias) ?? null,
      );
      if (alarm !== undefined) raised.push(alarm);
    }
  }
  return raised;
}

type Where = Pick<AlarmRow, 'registry' | 'model' | 'alias' | 'line' | 'environment'>;

async function alarmAt(world: RegistryWorld, where: Where, found: string | null): Promise<AlarmRow | undefined> {
  const { head } = await readHead(world.index, where.line, where.environment);
  const event = head.incumbent;
  const expected = event === null ? null : (await readPromotion(world.vault, event)).request.model.version;
  const key = hintKeys.alarm(where);
  const row = await world.index.get(key);
  const right = found === expected || (await isBeingTold(world, where, expected));
  if (right) {
    if (row !== undefined) await world.index.commit([{ kind: 'clear', key, expected: row.revision }]);
    return undefined;
  }
  const before = row && Alarm.parse(row.body);
  const body: AlarmRow = { ...where, found, expected, event, since: before?.since ?? world.clock.now() };
  if (before !== undefined && sameJson(before, body)) return undefined;
  await world.index.commit([{ kind: 'register', key, body, expected: row?.revision ?? 'absent' }]);
  return body;
}

/** Sealed, and the registry not told yet: the alias is behind, and nobody moved it. */
async function isBeingTold({ index }: RegistryWorld, where: Where, expected: string | null): Promise<boolean> {
  const moved = await index.get(hintKeys.moved(where));
  if (moved !== undefined && MovedRow.parse(moved.body).notBefore !== null) return true;
  const rows = (await index.list(hintKeys.matchedPk)).map(({ body }) => MatchedRow.parse(body));
  return rows.some(
    ({ wish, notBefore }) =>
      notBefore !== null &&
      wish.registry === where.registry &&
      wish.model === where.model &&
      wish.environment === where.environment &&
      wish.version === expected,
  );
}
