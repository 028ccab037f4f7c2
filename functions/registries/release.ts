// After the seal, and only then: the registry is told what was decided, and the alias moves. Driven by the sweep as well as by the
// seal; every step may be repeated, since all of it follows from the sealed event.
import { readEvent } from '../baseline.ts';
import type { EventHash } from '../domain/digest.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { isAbsent, type Promotion } from '../domain/event/statement.ts';
import { hintKeys, MatchedRow, type ReceiptRow, type Wish } from '../domain/hint.ts';
import { fail, ok, type Problem, problem, type Result } from '../domain/result.ts';
import { problemsOfFiles } from '../intake/agree.ts';
import type { Row, Write } from '../ports.ts';
import { aliasFor, mappedTo, type Registry } from '../registry.ts';
import { noteOf } from '../release/note.ts';
import { isOurs } from '../sealed.ts';
import { readDossier, readHead } from '../store.ts';
import { isDue, nextTry, type RegistryWorld } from './world.ts';

export async function releaseSealed(world: RegistryWorld): Promise<string[]> {
  const faults: string[] = [];
  for (const row of await world.index.list(hintKeys.matchedPk)) {
    const matched = MatchedRow.parse(row.body);
    if (!isDue(matched.notBefore, world.clock.now())) continue;
    const event = (await readDossier(world.index, matched.request))?.seal?.eventHash;
    if (event === undefined) continue;
    const told = await tried(world, matched, event);
    if (!told.ok) faults.push(`${matched.wish.registry} ${matched.wish.model}: ${told.problems[0]?.detail}`);
    await settle(world, row, matched, told);
  }
  return faults;
}

async function tried(world: RegistryWorld, matched: MatchedRow, event: EventHash): Promise<Result<ReceiptRow>> {
  try {
    return await release(world, matched, event);
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return fail(problem('CANNOT_TELL', '', error.message));
  }
}

async function settle({ index, clock }: RegistryWorld, { key, revision }: Row, matched: MatchedRow, told: Result<ReceiptRow>) {
  if (told.ok) {
    const receipt = hintKeys.released(matched.wish, matched.request);
    const writes: Write[] = [{ kind: 'clear', key, expected: revision }];
    // Told once more because somebody asked again: the first receipt stands.
    if ((await index.get(receipt)) === undefined) writes.push({ kind: 'fact', key: receipt, body: told.value });
    await index.commit(writes);
    return;
  }
  const attempts = matched.attempts + 1;
  const body: MatchedRow = { ...matched, attempts, notBefore: nextTry(attempts, clock.now()), problems: [...told.problems] };
  await index.commit([{ kind: 'register', key, body, expected: revision }]);
}

async function release(world: RegistryWorld, { wish, request }: MatchedRow, event: EventHash): Promise<Result<ReceiptRow>> {
  const connection = world.connections.get(wish.registry);
  const mapped = connection && mappedTo(connection.models, wish.model);
  if (connection === undefined || mapped === undefined)
    return fail(problem('NOT_FOUND', '', 'this model is no longer connected'));
  const promotion = await sealedPromotion(world, event);
  const { head } = await readHead(world.index, promotion.scope.line, promotion.scope.environment);
  // Replaced before the registry could be told: the alias belongs to the newer one.
  const active = promotion.outcome === 'approved' && head.incumbent === event;
  const alias = active ? (aliasFor(mapped, wish.environment) ?? null) : null;
  if (alias !== null) {
    const changed = await changedSince(connection.registry, wish, promotion);
    if (changed.length > 0) return { ok: false, problems: changed };
  }
  await connection.registry.writeBack(noteOf(wish, event, promotion, alias));
  return ok({ wish, request, event, outcome: promotion.outcome, alias, at: world.clock.now() });
}

/** From the signed envelope, not from a row: who can write rows must not move an alias. */
export async function sealedPromotion(world: RegistryWorld, event: EventHash): Promise<Promotion> {
  const stored = await readEvent(world, event);
  if (stored?.predicate.kind === 'promotion' && isOurs(world.signer, stored.envelope)) return stored.predicate;
  throw new InfrastructureError(`${event} is not sealed by this server`, { retryable: false });
}

/** Whoever reaches the registry may have put other bytes in place since they were approved. They get no alias. */
export async function changedSince(registry: Registry, wish: Wish, { model }: Promotion): Promise<Problem[]> {
  if (isAbsent(model)) return [problem('REGISTRY_MISMATCH', '/model', 'the event binds no model')];
  const snapshot = await registry.resolve(wish);
  return snapshot.ok ? problemsOfFiles(model.files, snapshot.value.files) : [...snapshot.problems];
}
