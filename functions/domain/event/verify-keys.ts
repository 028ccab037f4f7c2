// The checks of the two records about keys. That a list follows from the one the reader pinned is another question, asked by
// `countersign keys follow` (domain/keys/follow.ts).
import { sameActor } from '../actor.ts';
import type { Reattestation } from '../keys/reattestation.ts';
import { type Custodian, KEY_CUSTODIAN, type KeyChange, keyOf } from '../keys/set.ts';
import { type Problem, problem } from '../result.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import type { Read } from '../vault-keys.ts';
import { type Opened, verifyEnvelope } from './envelope.ts';
import { firstFault, tampered } from './verify-fields.ts';

const NAME = 'keys';

/** Two persons who may say so. Used before sealing and again by every verifier. */
export function problemsOfCustodians(people: readonly Pick<Custodian, 'actor' | 'auth'>[]): Problem[] {
  const [first, second] = people;
  if (first === undefined || second === undefined || sameActor(first.actor, second.actor))
    return [problem('SEPARATION', '', 'that a key is compromised is said by two people')];
  return people.flatMap(problemsOfCustodian);
}

export function problemsOfCustodian({ actor, auth }: Pick<Custodian, 'actor' | 'auth'>): Problem[] {
  if (actor.kind !== 'person') return [problem('PERSON_ONLY', '', 'that a key is compromised is said by people')];
  return auth.roles.includes(KEY_CUSTODIAN) ? [] : [problem('NOT_YOURS', '', `asked is ${KEY_CUSTODIAN}`)];
}

/** Who brings a key in has it: it signs the list itself. And what the people say who call one compromised. */
export async function checkKeyChange(
  { keys, change, at }: KeyChange,
  opened: Opened,
  trust: Trust,
  read: Read,
): Promise<Check> {
  if (change.what === 'compromise') {
    const stranger = change.people.find(({ actor }) => !trust.issuers.includes(actor.iss));
    if (stranger) return no(NAME, 'KEY_UNTRUSTED', `the issuer ${stranger.actor.iss} is not in the trust given`);
    const [wrong] = problemsOfCustodians(change.people);
    if (wrong) return no(NAME, wrong.code, wrong.detail);
    if (change.people.some((one) => one.at > at)) return no(NAME, 'STATEMENT_INVALID', 'somebody said so after it was sealed');
    const signIns = change.people.map(({ auth }) => ({ digest: auth.jwk, what: 'the key that verified a sign-in' }));
    const lost = await firstFault(read, signIns);
    if (lost !== undefined) return tampered(NAME, lost);
  }
  const comes = change.what === 'rotation' || change.what === 'compromise' ? change.in : null;
  const added = comes === null ? undefined : keyOf(keys, comes);
  if (added?.use.includes('seal') && !isSignedBy(opened, added))
    return no(NAME, 'SIGNATURE_INVALID', 'the key that comes in did not sign the list');
  return yes(NAME, `list ${keys.version} of ${keys.keys.length} keys: ${change.what}`);
}

/** Is this envelope signed by this very key, whatever else signed it too? */
export function isSignedBy(opened: Opened, { keyid, spki }: { keyid: string; spki: string }): boolean {
  const own = opened.envelope.signatures.filter((one) => one.keyid === keyid);
  const trust: Trust = {
    environment: 'own',
    class: 'dev',
    keys: [{ keyid, spki, class: 'dev' }],
    issuers: [],
    proof: 'index',
    humanSignature: 'optional',
  };
  return verifyEnvelope({ ...opened, envelope: { ...opened.envelope, signatures: own } }, trust, undefined).ok;
}

export const checkReattested = ({ event, foundIn, at }: Reattestation): Check =>
  yes(
    're-attestation',
    `${event}: ${foundIn === 'rows' ? 'made again from its frozen rows, to the same byte' : 'as the journal has it'}, ${at}`,
  );
