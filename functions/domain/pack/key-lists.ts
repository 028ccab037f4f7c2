// The lists of keys that come with a pack, so that who pinned one can follow. Nothing of the event rests on them, and a reader may
// know only some of their keys: so each is held by its own signatures, and by the lists before and after it.
import type { Digest } from '../digest.ts';
import { type Opened, openEnvelope } from '../event/envelope.ts';
import { parseStatement, sealedAt } from '../event/statement.ts';
import { isSignedBy } from '../event/verify-keys.ts';
import { verifyProven } from '../event/verify-proven.ts';
import { followKeys } from '../keys/follow.ts';
import { digestOfKeys, type KeyChange, keyOf } from '../keys/set.ts';
import type { Trust } from '../trust.ts';
import type { Read } from '../vault-keys.ts';

type Files = { readonly names: readonly string[]; readonly read: Read };
type List = { readonly name: string; readonly bytes: Uint8Array; readonly opened: Opened; readonly record: KeyChange };

/** Records that are a list of keys, whoever signed them. */
export async function listsOf({ names, read }: Files): Promise<List[]> {
  const found: List[] = [];
  for (const name of names.filter((one) => one.startsWith('records/'))) {
    const bytes = (await read(name)) ?? new Uint8Array();
    const opened = openEnvelope(bytes);
    const statement = opened.ok ? parseStatement(opened.value.payload) : undefined;
    if (!opened.ok || !statement?.ok || statement.value.predicate.kind !== 'keyChange') continue;
    found.push({ name, bytes, opened: opened.value, record: statement.value.predicate });
  }
  return found;
}

export const sealedLists = async (files: Files): Promise<ReadonlySet<Digest>> =>
  new Set((await listsOf(files)).map(({ record }) => digestOfKeys(record.keys)));

/**
 * Names of those that hold: one that the reader's keys signed, what can be followed from it, and what came before it, which each
 * list names by its digest. A list of another store, or one that somebody made up, is tied to none of them.
 */
export async function soundLists(files: Files, trust: Trust): Promise<ReadonlySet<string>> {
  const whole = (await listsOf(files)).filter(eachSignatureFits);
  const known = new Set<Digest>();
  for (const { bytes, opened, record } of whole) {
    if (!(await verifyProven({ bytes, opened }, trust, sealedAt(record), files.read)).ok) continue;
    const digest = digestOfKeys(record.keys);
    known.add(digest);
    const followed = followKeys(
      digest,
      whole.map((one) => one.bytes),
    );
    for (const step of followed.ok ? followed.value.steps : []) known.add(digestOfKeys(step.keys));
  }
  const newestFirst = whole.toSorted((a, b) => b.record.keys.version - a.record.keys.version);
  for (const { record } of newestFirst) {
    const { previous } = record.keys;
    if (previous !== null && known.has(digestOfKeys(record.keys))) known.add(previous);
  }
  return new Set(whole.filter(({ record }) => known.has(digestOfKeys(record.keys))).map(({ name }) => name));
}

/** The key that goes and the one that comes both sign, and both are in the list: so no byte of a signature is anybody's to change. */
function eachSignatureFits({ opened, record }: List): boolean {
  const signers = opened.envelope.signatures.map(({ keyid }) => keyid);
  return (
    new Set(signers).size === signers.length &&
    signers.every((keyid) => {
      const key = keyOf(record.keys, keyid);
      return key !== undefined && isSignedBy(opened, key);
    })
  );
}
