// Opens what is stored under an event's hash. A row only points: the hash is checked here, and where it matters who sealed it,
// the signature by our own key too.
import type { EventHash } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { openEnvelope, verifyEnvelope } from './domain/event/envelope.ts';
import { type Predicate, parseStatement } from './domain/event/statement.ts';
import type { Trust } from './domain/trust.ts';
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

/** Sealed by this server's own key? Who can write into the vault still cannot sign. */
export function isOurs({ keyid, spki, keyClass }: Signer, envelope: Uint8Array): boolean {
  const own = { environment: 'own', class: keyClass, keys: [{ keyid, spki, class: keyClass }], issuers: [] };
  const trust: Trust = { ...own, proof: 'index', humanSignature: 'optional' };
  const opened = openEnvelope(envelope);
  return opened.ok && verifyEnvelope(opened.value, trust, undefined).ok;
}
