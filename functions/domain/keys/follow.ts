// From the list of keys that somebody pinned to the newest one, without trusting us anew: each step is signed by a key of the
// list before, one that the step itself does not end. Where that is missing nobody can follow, and must be told by people.
import { sameJson } from '../canonical.ts';
import type { Digest } from '../digest.ts';
import { type Opened, openEnvelope } from '../event/envelope.ts';
import { parseStatement } from '../event/statement.ts';
import { isSignedBy } from '../event/verify-keys.ts';
import { noteKeyOf, SIGNATURE_TYPES, vkeyOf } from '../log/note.ts';
import { fail, ok, problem, type Result } from '../result.ts';
import type { Trust } from '../trust.ts';
import { nextSet } from './next.ts';
import { activeFor, digestOfKeys, type Key, type KeyChange, type KeySet, keyOf } from './set.ts';

export type Followed = { readonly set: KeySet; readonly steps: readonly KeyChange[] };
type Step = { readonly change: KeyChange; readonly opened: Opened };

const lost = (detail: string) => fail(problem('KEYS_NOT_FOLLOWED', '', detail));

/** `envelopes`: whatever lies there; what is no list of keys is passed over. The pinned list is known by its digest alone. */
export function followKeys(pinned: Digest, envelopes: readonly Uint8Array[]): Result<Followed> {
  const found = envelopes.map(stepIn).filter((step) => step !== undefined);
  const start = found.find(({ change }) => digestOfKeys(change.keys) === pinned);
  if (start === undefined) return lost(`the pinned list ${pinned} is not here`);
  let set = start.change.keys;
  const steps: KeyChange[] = [];
  for (;;) {
    const digest = digestOfKeys(set);
    const after = found.filter(({ change }) => change.keys.previous === digest);
    if (after.length === 0) return ok({ set, steps });
    // Bytes that nobody vouches for may lie beside the right ones; of two that are vouched for nobody knows which holds.
    const flaws = after.map((step) => flawOf(set, step));
    const right = after.filter((_, i) => flaws[i] === undefined);
    const [next] = right;
    if (next === undefined) return lost(`list ${set.version + 1} does not follow from list ${set.version}: ${flaws[0]}`);
    if (right.some(({ change }) => !sameJson(change.keys, next.change.keys)))
      return lost(`two lists follow from list ${set.version}: somebody made one of them with a stolen key`);
    set = next.change.keys;
    steps.push(next.change);
  }
}

/** Why a step cannot be taken without asking somebody. */
function flawOf(set: KeySet, { change: { keys, change, at }, opened }: Step): string | undefined {
  if (change.what === 'first') return 'it says that it is the first';
  const added = keys.keys.find(({ keyid }) => !keyOf(set, keyid));
  if (!sameJson(keys, nextSet(set, change, at, added))) return `it changes more than the ${change.what} it says`;
  const comes = change.what === 'retirement' ? undefined : (change.in ?? undefined);
  if (added?.keyid !== comes || (added !== undefined && added.status !== 'active')) return 'another key came in than it says';
  const goes = keyOf(set, change.out);
  if (goes?.status === 'active' && change.what === 'compromise' && added === undefined)
    return 'nothing takes the place of the key that goes';
  if (goes === undefined || (added !== undefined && !sameJson(goes.use, added.use))) return 'the key that goes is another kind';
  // A stolen key could vouch for whatever comes next.
  const vouching = activeFor(set, 'seal').filter((key) => change.what !== 'compromise' || key.keyid !== change.out);
  const voucher = vouching.find((key) => isSignedBy(opened, key));
  if (voucher === undefined) {
    const which = digestOfKeys(keys);
    return change.what === 'compromise'
      ? `the key that could vouch for it is the one it calls compromised. Ask people you know whether ${which} is right, and pin it`
      : `no key of list ${set.version} signed it`;
  }
  if (at < voucher.notBefore || at > voucher.notAfter)
    return `it was signed outside the window of key ${voucher.keyid.slice(0, 12)}`;
  if (voucher.class === 'dev' && added?.class === 'prod') return 'a development key cannot vouch for a production key';
  if (added?.use.includes('seal') && !isSignedBy(opened, added)) return 'the key that comes in did not sign it';
  return undefined;
}

function stepIn(bytes: Uint8Array): Step | undefined {
  const opened = openEnvelope(bytes);
  if (!opened.ok) return undefined;
  const parsed = parseStatement(opened.value.payload);
  if (!parsed.ok || parsed.value.predicate.kind !== 'keyChange') return undefined;
  return { change: parsed.value.predicate, opened: opened.value };
}

/**
 * The trust with the keys of a list in place of what it had of them. What the reader said of a key's class stays: a list that
 * calls a development key a production key changes nothing, and where the reader knows development keys only, no key that these
 * brought in is more. Keys from elsewhere stay too.
 */
export function trustIn(trust: Trust, set: KeySet): Trust {
  const atMost = (known: readonly { readonly class: Key['class'] }[], said: Key['class']) =>
    known.length > 0 && known.every((one) => one.class === 'dev') ? 'dev' : said;
  const classOf = ({ keyid, class: said }: Key) =>
    trust.keys.find((key) => key.keyid === keyid)?.class ?? atMost(trust.keys, said);
  const sealing = set.keys
    .filter(({ algorithm }) => algorithm === 'p256')
    .map((key) => ({ ...trusted(key), class: classOf(key) }));
  const logs = set.keys
    .filter(({ use }) => use.includes('checkpoint'))
    .map((key) => logOf(key, trust, atMost(trust.logs ?? [], key.class)));
  const named = new Set([...sealing.map(({ keyid }) => keyid), ...logs.map(({ vkey }) => vkey)]);
  return {
    ...trust,
    keys: [...sealing, ...trust.keys.filter(({ keyid }) => !named.has(keyid))],
    keySet: digestOfKeys(set),
    logs: [...logs, ...(trust.logs ?? []).filter(({ vkey }) => !named.has(vkey))],
  };
}

function trusted({
  keyid,
  spki,
  use,
  notBefore,
  notAfter,
  status,
  compromisedSince,
}: Key): Omit<Trust['keys'][number], 'class'> {
  return { keyid, spki, use, notBefore, notAfter, status, ...(compromisedSince ? { compromisedSince } : {}) };
}

function logOf({ name = '', spki, status, compromisedSince }: Key, trust: Trust, said: Key['class']) {
  const vkey = vkeyOf(noteKeyOf(name, SIGNATURE_TYPES.note, spki));
  const known = trust.logs?.find((log) => log.vkey === vkey);
  return { vkey, class: known?.class ?? said, status, ...(compromisedSince ? { compromisedSince } : {}) };
}
