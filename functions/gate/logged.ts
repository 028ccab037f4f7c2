import type { EventHash } from '../domain/digest.ts';
import { checkLogged } from '../domain/log/check.ts';
import type { Check, Trust } from '../domain/trust.ts';
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
