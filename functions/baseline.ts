// From an event's hash to what it sealed, for the comparison, the screen and the baselines a pipeline asks for.
import type { EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { isAbsent, type Promotion } from './domain/event/statement.ts';
import { PromotionRequest } from './domain/request.ts';
import { EventRow, keys } from './domain/rows.ts';
import { envelopeKey } from './domain/vault-keys.ts';
import type { Index, Vault } from './ports.ts';
import { type OpenedEvent, openStored } from './sealed.ts';
import { readJsonBlob } from './store.ts';

export type Store = { readonly vault: Vault; readonly index: Index };

export type StoredEvent = OpenedEvent & { readonly hash: EventHash; readonly key: string };

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
