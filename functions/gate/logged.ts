import type { EventHash } from '../domain/digest.ts';
import type { Opened } from '../domain/event/envelope.ts';
import { checkLogged } from '../domain/log/check.ts';
import type { Check, Trust } from '../domain/trust.ts';
import { proofKey, type Read } from '../domain/vault-keys.ts';
import type { Index, Vault } from '../ports.ts';
import { proofOf } from '../proofs.ts';

/** What may be otherwise in a moment, or with a complete trust: nobody can tell yet. A proof that does not hold is a no. */
const UNDECIDED: readonly Check['code'][] = ['NOT_LOGGED', 'NOT_WITNESSED', 'NO_TRUST'];

/** Is the event in the log, as far as this gate asks for it? undefined when it does not ask. */
export async function loggedCheck(
  store: { vault: Vault; index: Index },
  event: EventHash,
  envelope: Uint8Array,
  trust: Trust,
  presented?: string,
): Promise<{ check: Check; verdict: 'allow' | 'deny' | 'unknown' } | undefined> {
  const proof = trust.proof === 'index' ? undefined : (presented ?? (await proofOf(store, event)));
  const check = checkLogged(envelope, proof, trust);
  if (check === undefined) return undefined;
  return { check, verdict: check.ok ? 'allow' : UNDECIDED.includes(check.code) ? 'unknown' : 'deny' };
}

/** What proves that an event of a stolen key is older than the theft: the oldest witnessed tree that it is in. */
export const provenIn =
  (store: { vault: Vault; index: Index }, { hash, envelope }: Opened, { keys }: Trust): Read =>
  async (key) => {
    if (key !== proofKey(hash)) return store.vault.get(key);
    const stolen = keys.find((one) => one.compromisedSince && envelope.signatures.some(({ keyid }) => keyid === one.keyid));
    const proof = await proofOf(store, hash, stolen?.compromisedSince);
    return proof === undefined ? undefined : new TextEncoder().encode(proof);
  };
