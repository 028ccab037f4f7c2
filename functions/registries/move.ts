// A rollback, a revocation or an end was sealed (R58, R65): the alias follows it. What to do follows from the sealed record alone,
// so every step may be repeated; the head only points to it.
import { readEvent } from '../baseline.ts';
import type { RevocationRecord, Transition } from '../domain/act.ts';
import type { EventHash } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { isAbsent } from '../domain/event/statement.ts';
import { hintKeys, MovedRow } from '../domain/hint.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import { EventRow, keys } from '../domain/rows.ts';
import type { Connection } from '../registry.ts';
import { isOurs } from '../sealed.ts';
import { readHead } from '../store.ts';
import { changedSince, sealedPromotion } from './release.ts';
import { isDue, nextTry, type RegistryWorld } from './world.ts';

type Place = Pick<MovedRow, 'registry' | 'model' | 'alias'> & { readonly line: string; readonly environment: string };

export async function moveAliases(world: RegistryWorld): Promise<string[]> {
  const faults: string[] = [];
  for (const connection of world.connections.values())
    for (const { model, line, aliases } of connection.models)
      for (const [environment, alias] of Object.entries(aliases)) {
        const place = { registry: connection.registry.name, model, alias, line, environment };
        // Also a bug, told like a fault: whatever is wrong with one line must not hold up the others.
        const wrong = await follow(world, connection, place).catch((error: unknown) => String(error));
        if (wrong !== undefined) faults.push(`${place.registry} ${model}: ${wrong}`);
      }
  return faults;
}

async function follow(world: RegistryWorld, connection: Connection, place: Place): Promise<string | undefined> {
  const { index, clock } = world;
  const { head } = await readHead(index, place.line, place.environment);
  const found = await movingAct(world, place, head.last ?? null);
  if (found === undefined) return undefined;
  const key = hintKeys.moved(place);
  const row = await index.get(key);
  const stored = row && MovedRow.parse(row.body);
  const before = stored?.event === found.event ? stored : undefined;
  // Done, at rest, or not due yet.
  if (before !== undefined && !isDue(before.notBefore, clock.now())) return undefined;
  const moved = await tried(world, connection, place, found.act);
  const attempts = (before?.attempts ?? 0) + 1;
  const { registry, model, alias } = place;
  const body: MovedRow = {
    ...{ registry, model, alias, line: place.line, event: found.event, attempts },
    at: moved.ok ? clock.now() : null,
    version: moved.ok ? moved.value : null,
    notBefore: moved.ok ? null : nextTry(attempts, clock.now()),
    problems: moved.ok ? [] : [...moved.problems],
  };
  // A conflict is another turn's: it did the same.
  await index.commit([{ kind: 'register', key, body, expected: row?.revision ?? 'absent' }]);
  return moved.ok ? undefined : moved.problems[0]?.detail;
}

type Act = Transition | RevocationRecord;

/**
 * The act that put the head where it is; undefined after a promotion, whose own release moves the alias. A revocation of another
 * than the active version moves nothing, but must not hide the act before it.
 */
async function movingAct(world: RegistryWorld, place: Place, last: EventHash | null) {
  for (let event = last; event !== null; ) {
    const row = await world.index.get(keys.event(event));
    const kind = row && EventRow.parse(row.body).kind;
    // Most heads stand on a promotion: those need not be opened.
    if (kind !== 'transition' && kind !== 'revocation') return undefined;
    const act = await sealedAct(world, place, event);
    if (act.kind === 'transition' || act.active) return { event, act };
    event = act.previous;
  }
  return undefined;
}

/** From the signed envelope, as with promotions: who can write rows must not move an alias. */
async function sealedAct(world: RegistryWorld, { line, environment }: Place, event: EventHash): Promise<Act> {
  const stored = await readEvent(world, event);
  const act = stored?.predicate;
  const sealed = stored !== undefined && isOurs(world.signer, stored.envelope);
  if (sealed && (act?.kind === 'transition' || act?.kind === 'revocation'))
    if (act.scope.line === line && act.scope.environment === environment) return act;
  throw new InfrastructureError(`${event} is not sealed by this server for ${line}`, { retryable: false });
}

async function tried(world: RegistryWorld, connection: Connection, place: Place, act: Act): Promise<Result<string | null>> {
  try {
    return await move(world, connection, place, act);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return fail(problem('CANNOT_TELL', '', error.message));
  }
}

/** Answers the version that has the alias now; null where nothing is active any more. */
async function move(world: RegistryWorld, { registry }: Connection, place: Place, act: Act): Promise<Result<string | null>> {
  const { model, alias, environment } = place;
  if (act.to === null) {
    await registry.moveAlias({ model, alias, version: null });
    return ok(null);
  }
  const promotion = await sealedPromotion(world, act.to);
  if (isAbsent(promotion.model) || promotion.model.name !== model)
    return fail(problem('REGISTRY_MISMATCH', '/model/name', `${act.to} approved no version of ${model}`));
  const { version } = promotion.model;
  const wish = { registry: registry.name, model, version, environment };
  const changed = await changedSince(registry, wish, promotion);
  if (changed.length > 0) return { ok: false, problems: changed };
  await registry.moveAlias({ model, alias, version });
  return ok(version);
}
