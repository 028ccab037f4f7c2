// The list of keys after a change. Pure, and used twice: to make the next list, and by whoever follows it to see that nothing
// else was changed on the way.
import { type Instant, laterOf } from '../text.ts';
import { digestOfKeys, type Key, type KeyChange, type KeySet, keyOf } from './set.ts';

/** A year: within what NIST SP 800-57 gives a private signature key. */
const WINDOW_DAYS = 365;
const DAY = 86_400_000;

/** A key from a moment on, for a year. `from` may be a little earlier than `at`: what was decided then is still to be sealed. */
export const keyFrom = (
  key: Pick<Key, 'keyid' | 'algorithm' | 'spki' | 'class' | 'use' | 'name'>,
  from: Instant,
  at: Instant,
): Key => ({
  ...key,
  notBefore: from,
  notAfter: new Date(Date.parse(at) + WINDOW_DAYS * DAY).toISOString() as Instant,
  status: 'active',
});

export const firstSet = (keys: readonly Key[]): KeySet => ({
  schema: 'keys/v0',
  version: 1,
  previous: null,
  keys: [...keys],
});

/** What a change does to the list before it. `added`: the key that comes in, when one does. */
export function nextSet(set: KeySet, change: KeyChange['change'], at: Instant, added: Key | undefined): KeySet {
  const out = change.what === 'first' ? undefined : change.out;
  const ended = set.keys.map((key) => (key.keyid === out ? end(key, change, at) : key));
  return {
    schema: 'keys/v0',
    version: set.version + 1,
    previous: digestOfKeys(set),
    keys: added === undefined || keyOf(set, added.keyid) ? ended : [...ended, added],
  };
}

function end(key: Key, change: KeyChange['change'], at: Instant): Key {
  const over = key.notAfter < at ? key.notAfter : at;
  const notAfter = laterOf(key.notBefore, over);
  if (change.what === 'compromise') return { ...key, notAfter, status: 'compromised', compromisedSince: change.since };
  // A log's key goes on beside the new one until every witness knows that: its end is a change of its own.
  if (change.what === 'rotation' && key.use.includes('checkpoint')) return key;
  return { ...key, notAfter, status: 'retired' };
}
