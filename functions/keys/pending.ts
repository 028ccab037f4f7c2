// A change of keys that waits to be signed, looked at by a process that others may ask for a seal: is it what this deployment would have
// frozen? Whoever may write rows and what people say could else have a list signed that names a key of their own.
import { sameJson } from '../domain/canonical.ts';
import { nextSet } from '../domain/keys/next.ts';
import { type KeyChange, type KeySet, keyOf } from '../domain/keys/set.ts';

/** A sentence that says why it is not signed; undefined when it may be. `own`: keyids of this deployment. */
export function strangeIn(
  { change, keys, at }: KeyChange,
  before: KeySet | undefined,
  own: ReadonlySet<string>,
): string | undefined {
  const added = keys.keys.filter(({ keyid }) => before === undefined || keyOf(before, keyid) === undefined);
  const stranger = added.find(({ keyid }) => !own.has(keyid));
  if (stranger !== undefined) return `key ${stranger.keyid} is none of this deployment`;
  if (before === undefined) return change.what === 'first' ? undefined : `there is no list that a ${change.what} follows`;
  if (change.what !== 'rotation' && change.what !== 'retirement') return `a ${change.what} is not made here`;
  const [incoming] = added;
  const fits = change.what === 'retirement' || sameJson(incoming?.use, keyOf(before, change.out)?.use);
  const follows = added.length <= 1 && sameJson(keys, nextSet(before, change, at, incoming));
  return fits && follows ? undefined : `list ${keys.version} is not what follows from list ${before.version}`;
}
