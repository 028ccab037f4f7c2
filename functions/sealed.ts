// Opens what is stored under an event's hash. A row only points: the hash is checked here, and where it matters who sealed it,
// the signature by a key of ours too.
import type { EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { openEnvelope } from './domain/event/envelope.ts';
import { type Predicate, parseStatement } from './domain/event/statement.ts';
import { isSignedBy } from './domain/event/verify-keys.ts';
import type { Instant } from './domain/text.ts';
import type { Signer } from './ports.ts';

export type OpenedEvent = { readonly envelope: Uint8Array; readonly predicate: Predicate };

export function openStored(hash: EventHash, envelope: Uint8Array | undefined): OpenedEvent {
  const opened = envelope === undefined ? undefined : openEnvelope(envelope);
  if (envelope === undefined || !opened?.ok || opened.value.hash !== hash) {
    throw new InfrastructureError(`the vault does not hold the event ${hash}`, { retryable: envelope === undefined });
  }
  const statement = parseStatement(opened.value.payload);
  if (!statement.ok) throw new InfrastructureError(`the event ${hash} does not parse`, { retryable: false });
  return { envelope, predicate: statement.value.predicate };
}

/** Sealed by this store's own key, or by one it had before? Who can write into the vault still cannot sign. */
export function isOurs({ keyid, spki, former = [] }: Signer, envelope: Uint8Array): boolean {
  const opened = openEnvelope(envelope);
  if (!opened.ok) return false;
  const { hash } = opened.value;
  return [{ keyid, spki }, ...former.filter(({ honest }) => honest === undefined || honest.has(hash))].some((key) =>
    isSignedBy(opened.value, key),
  );
}

/** When the key of this envelope was stolen, by our own list: its proof must be older. */
export const stolenSince = ({ former = [] }: Signer, envelope: Uint8Array): Instant | undefined => {
  const opened = openEnvelope(envelope);
  const by = opened.ok ? opened.value.envelope.signatures.map(({ keyid }) => keyid) : [];
  return former.find(({ keyid, since }) => since !== undefined && by.includes(keyid))?.since;
};
