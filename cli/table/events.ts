// Some events of a vault or of an exported folder, checked one after the other; other threads do others.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventHash } from '../../functions/domain/digest.ts';
import { type Verification, verifyEvent, verifySeal } from '../../functions/domain/event/verify.ts';
import { type Check, no, type Trust } from '../../functions/domain/trust.ts';
import { readerOf } from './vault-folder.ts';

export type EventsJob = {
  readonly folder: string;
  readonly keys: readonly string[];
  readonly trust: Trust;
  /** Only who signed which bytes, and that they are a statement: nothing that an event names is read. */
  readonly seals: boolean;
};

/** Those that do not verify, with the checks that said so. */
export type EventsFound = { readonly failed: readonly { readonly key: string; readonly checks: readonly Check[] }[] };

export async function checkEvents({ folder, keys, trust, seals }: EventsJob): Promise<EventsFound> {
  const read = readerOf(folder);
  const failed: { key: string; checks: Check[] }[] = [];
  for (const key of keys) {
    const expected = EventHash.safeParse(`sha256:${/\/([0-9a-f]{64})\.dsse\.json$/.exec(key)?.[1]}`).data;
    const bytes = expected === undefined ? undefined : plainBytes(join(folder, key));
    let found: Pick<Verification, 'checks' | 'predicate'>;
    if (expected === undefined || bytes === undefined)
      found = { predicate: null, checks: [no('envelope', 'ENVELOPE_INVALID', 'not a plain file named by an event hash')] };
    else if (seals) found = await verifySeal(bytes, expected, trust, (other) => read.get(other));
    else found = await verifyEvent(bytes, expected, trust, (other) => read.get(other));
    const checks = [...found.checks, ...misplaced(key, found.predicate)].filter(({ ok }) => !ok);
    if (checks.length > 0) failed.push({ key, checks });
  }
  return { failed };
}

/** A listing of `events/` is a listing of approvals: a rejection that lies there would be counted as one. */
function misplaced(key: string, predicate: Verification['predicate']): Check[] {
  if (predicate === null) return [];
  const approved = predicate.kind === 'promotion' && predicate.outcome === 'approved';
  const wrong = key.startsWith('events/') !== approved;
  return wrong ? [no('place', 'STATEMENT_INVALID', `${approved ? 'an approval' : 'no approval'}, and it lies in ${key}`)] : [];
}

/** No link is followed and no pipe waited for, whoever put it there. */
function plainBytes(path: string): Uint8Array | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // A link, a file that went, or one this account may not read: it does not verify, and its name is told.
    return undefined;
  }
  try {
    return fstatSync(fd).isFile() ? new Uint8Array(readFileSync(fd)) : undefined;
  } finally {
    closeSync(fd);
  }
}
