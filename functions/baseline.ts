// From an event's hash to what it sealed, for the comparison, the screen and the baselines a pipeline asks for.
import type { EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { openEnvelope } from './domain/event/envelope.ts';
import { isAbsent, type Predicate, type Promotion, Statement } from './domain/event/statement.ts';
import { parseBytes } from './domain/parse.ts';
import { PromotionRequest } from './domain/request.ts';
import { EventRow, keys } from './domain/rows.ts';
import type { Index, Vault } from './ports.ts';
import { readJsonBlob } from './store.ts';

export type Store = { readonly vault: Vault; readonly index: Index };

export type StoredEvent = { readonly hash: EventHash; readonly key: string; readonly envelope: Uint8Array; readonly predicate: Predicate };

const LIMITS = { maxBytes: 32 * 1024 * 1024, maxDepth: 64 };

/** The envelope as stored, opened; undefined when no such event is indexed. Its signature is the reader's to check. */
export async function readEvent(store: Store, hash: EventHash): Promise<StoredEvent | undefined> {
  const row = await store.index.get(keys.event(hash));
  if (row === undefined) return undefined;
  const { key } = EventRow.parse(row.body);
  const envelope = await store.vault.get(key);
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  if (envelope === undefined || !opened?.ok || opened.value.hash !== hash) {
    throw new InfrastructureError(`the vault does not hold the event ${hash}`, { retryable: envelope === undefined });
  }
  const statement = parseBytes(Statement, opened.value.payload, LIMITS);
  if (!statement.ok) throw new InfrastructureError(`the event ${hash} does not parse`, { retryable: false });
  return { hash, key, envelope, predicate: statement.value.predicate };
}

export type SealedPromotion = { readonly hash: EventHash; readonly promotion: Promotion; readonly request: PromotionRequest };

/** An approved promotion with the request it was made of. */
export async function readPromotion(store: Store, hash: EventHash): Promise<SealedPromotion> {
  const event = await readEvent(store, hash);
  if (event?.predicate.kind !== 'promotion' || isAbsent(event.predicate.request)) {
    throw new InfrastructureError(`${hash} is not a sealed promotion`, { retryable: false });
  }
  const request = await readJsonBlob(store.vault, event.predicate.request.payload, PromotionRequest);
  return { hash, promotion: event.predicate, request };
}
