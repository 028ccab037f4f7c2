// From an event's hash to what it sealed, for the comparison, the screen and the baselines a pipeline asks for.
import type { EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { openEnvelope } from './domain/event/envelope.ts';
import { isAbsent, type Predicate, type Promotion, parseStatement } from './domain/event/statement.ts';
import { PromotionRequest } from './domain/request.ts';
import { EventRow, keys } from './domain/rows.ts';
import { envelopeKey } from './domain/vault-keys.ts';
import type { Index, Vault } from './ports.ts';
import { readJsonBlob } from './store.ts';

export type Store = { readonly vault: Vault; readonly index: Index };

export type StoredEvent = {
  readonly hash: EventHash;
  readonly key: string;
  readonly envelope: Uint8Array;
  readonly predicate: Predicate;
};

/** The envelope as stored, opened; undefined when no such event is indexed. Its signature is the reader's to check. */
export async function readEvent(store: Store, hash: EventHash): Promise<StoredEvent | undefined> {
  const row = await store.index.get(keys.event(hash));
  if (row === undefined) return undefined;
  const { key } = EventRow.parse(row.body);
  return { hash, key, ...openStored(hash, await store.vault.get(key)) };
}

export type SealedPromotion = { readonly hash: EventHash; readonly promotion: Promotion; readonly request: PromotionRequest };

type Reader = Pick<Vault, 'get'>;

/** An approved promotion with the request it was made of, straight from the vault: replay has no index. */
export async function readPromotion(vault: Reader, hash: EventHash): Promise<SealedPromotion> {
  const envelope = await vault.get(envelopeKey(hash, 'approved'));
  const { predicate } = openStored(hash, envelope);
  if (predicate.kind !== 'promotion' || isAbsent(predicate.request)) {
    throw new InfrastructureError(`${hash} is not a sealed promotion`, { retryable: false });
  }
  return { hash, promotion: predicate, request: await readJsonBlob(vault, predicate.request.payload, PromotionRequest) };
}

/** Opens what is stored under an event's hash. Its signature is the reader's to check, its hash is checked here. */
function openStored(hash: EventHash, envelope: Uint8Array | undefined): { envelope: Uint8Array; predicate: Predicate } {
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  if (envelope === undefined || !opened?.ok || opened.value.hash !== hash) {
    throw new InfrastructureError(`the vault does not hold the event ${hash}`, { retryable: envelope === undefined });
  }
  const statement = parseStatement(opened.value.payload);
  if (!statement.ok) throw new InfrastructureError(`the event ${hash} does not parse`, { retryable: false });
  return { envelope, predicate: statement.value.predicate };
}
