import { type EventHash, eventHashOf } from '../domain/digest.ts';
import type { Dossier } from '../domain/dossier.ts';
import { InfrastructureError } from '../domain/errors.ts';
import { envelopeSignedBy, openEnvelope, preAuthEncoding } from '../domain/event/envelope.ts';
import { isAbsent, type Predicate, type Promotion, Statement, statementBytes, statementOf } from '../domain/event/statement.ts';
import { invariant, type Result } from '../domain/result.ts';
import type { Path } from '../domain/routing.ts';
import { type Head, keys, type SealRow } from '../domain/rows.ts';
import { envelopeKey } from '../domain/vault-keys.ts';
import type { Signer, World, Write } from '../ports.ts';
import { eventWrites, readHead } from '../store.ts';
import { factsOfSealed } from './facts.ts';

export type Sealed = { readonly eventHash: EventHash; readonly key: string };

/**
 * Signs a predicate and puts the envelope into the vault. Safe to run again at any point: the statement is a pure function of
 * frozen rows, so the hash is the same; the signature differs, and the first stored envelope wins (evidence.md W5, W6).
 */
export async function storeEnvelope(
  world: Pick<World, 'vault' | 'signer'>,
  predicate: Predicate,
  signers: readonly Signer[] = [world.signer],
): Promise<Sealed> {
  const payload = statementBytes(statementOf(predicate));
  // What we are about to sign must be what every reader will parse: a wrong shape stops here, before a signature exists.
  Statement.parse(JSON.parse(new TextDecoder().decode(payload)));
  const eventHash = eventHashOf(payload);
  const key = envelopeKey(eventHash, predicate.kind === 'promotion' ? predicate.outcome : null);
  const covered = preAuthEncoding(payload);
  const signed = await Promise.all(signers.map(async (one) => ({ keyid: one.keyid, signature: await one.sign(covered) })));
  const put = await world.vault.putOnce(key, envelopeSignedBy(payload, signed));
  if (put.kind === 'already') adopt(openEnvelope(put.bytes), eventHash, key);
  return { eventHash, key };
}

/** Bytes under an event's name that are not that event: an attack or a bug. Nothing goes on from here. */
function adopt(stored: Result<{ hash: EventHash }>, eventHash: EventHash, key: string): void {
  if (stored.ok && stored.value.hash === eventHash) return;
  throw new InfrastructureError(`${key} holds other bytes than its name says`, { retryable: false });
}

/**
 * Seals a decided request: vault first, then one index transaction, the commit point. An orphan in the vault is unused truth;
 * a row without its object would be a lie, so the order is never the other way round.
 */
export async function sealPromotion(world: World, dossier: Dossier, predicate: Predicate, path: Path | null): Promise<Sealed> {
  invariant(predicate.kind === 'promotion', 'a promotion is sealed here');
  const sealed = await storeEnvelope(world, predicate);
  const { request } = dossier;
  const row: SealRow = sealed;
  const event = { request: request.id, key: sealed.key, kind: 'promotion', outcome: predicate.outcome };
  const open = await world.index.get(keys.open(request.id));
  const writes: Write[] = [
    { kind: 'fact', key: keys.fact(request.id, 'seal'), body: row },
    ...eventWrites(sealed.eventHash, event),
    ...factsOfSealed(predicate, sealed.eventHash),
  ];
  if (open) writes.push({ kind: 'clear', key: keys.open(request.id), expected: open.revision });
  if (predicate.outcome === 'approved') {
    invariant(path !== null, 'an approved promotion was routed');
    const { head, revision } = await readHead(world.index, request.line, request.environment);
    const body = nextHead(head, sealed.eventHash, path);
    writes.push(...(await answeredBy(world, predicate, sealed.eventHash)));
    if (head.reservedBy === request.id) {
      writes.push({ kind: 'register', key: keys.head(request.line, request.environment), body, expected: revision });
    }
  }
  const outcome = await world.index.commit(writes);
  // A conflict means that another turn sealed it first; its hash must be ours.
  if (outcome.kind === 'conflict') {
    const stored = await world.index.get(keys.fact(request.id, 'seal'));
    const same = (stored?.body as SealRow | undefined)?.eventHash === sealed.eventHash;
    if (!same) throw new InfrastructureError(`sealing ${request.id} met another writer`, { retryable: true });
  }
  return sealed;
}

/** The drift findings that an approval by people names end with it; a policy alone answers none. */
async function answeredBy(world: World, { scope, lineage, routing }: Promotion, event: EventHash): Promise<Write[]> {
  if (isAbsent(routing) || routing.path === 'automated') return [];
  const writes: Write[] = [];
  for (const hash of lineage.answers ?? []) {
    const key = keys.answered(scope.line, scope.environment, hash);
    if ((await world.index.get(key)) === undefined) writes.push({ kind: 'fact', key, body: { event } });
  }
  return writes;
}

const nextHead = (head: Head, event: EventHash, path: Path): Head => ({
  incumbent: event,
  lastHumanApproved: path === 'automated' ? head.lastHumanApproved : event,
  automatedSinceHuman: path === 'automated' ? (head.automatedSinceHuman ?? 0) + 1 : 0,
  reservedBy: null,
  last: event,
});
