// The index follows a journal in the vault: each transaction is first an object there, numbered, and then rows. A number can be
// taken once, so the vault decides races as well as it keeps bytes, and the rows can be made again from it, all of them.
// docs/decisions/0024 says why it is not one object for each fact.
import { z } from 'zod';
import { Digest, digestOf } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { invariant } from './domain/result.ts';
import { keys } from './domain/rows.ts';
import { journalKey } from './domain/vault-keys.ts';
import type { CommitOutcome, Index, Row, RowKey, Vault, Write } from './ports.ts';

const Key = z.strictObject({ pk: z.string(), sk: z.string() });
const JournalWrite = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fact'), key: Key, body: z.unknown() }),
  z.strictObject({
    kind: z.literal('register'),
    key: Key,
    body: z.unknown(),
    expected: z.union([z.int().min(1), z.literal('absent')]),
  }),
  z.strictObject({ kind: z.literal('clear'), key: Key, expected: z.int().min(1) }),
]);

/** `previous`: digest of the entry before; so a changed, lost or exchanged entry is found at the next one. */
const Entry = z.strictObject({
  schema: z.literal('journal/v0'),
  n: z.int().min(1),
  previous: Digest.nullable(),
  writes: z.array(JournalWrite),
});

const EndRow = z.strictObject({ n: z.int().min(1), entry: Digest });

type Stores = { readonly vault: Pick<Vault, 'get' | 'putOnce'>; readonly rows: Index };
type End = { readonly n: number; readonly entry: Digest | null; readonly revision: number | 'absent' };

export type JournalledIndex = Index & {
  /** Writes the rows of what is in the journal and not in the index yet; answers how many entries that were. */
  readonly catchUp: () => Promise<number>;
};

const damaged = (why: string): never => {
  throw new InfrastructureError(why, { retryable: false });
};

export async function journalEnd(rows: Pick<Index, 'get'>): Promise<End> {
  const row = await rows.get(keys.journalEnd);
  return row === undefined ? { n: 0, entry: null, revision: 'absent' } : { ...EndRow.parse(row.body), revision: row.revision };
}

/** The laws of the Index port (ports.ts) over any adapter of it. The commit point is the object, not the row. */
export function journalled(vault: Stores['vault'], rows: Index): JournalledIndex {
  const stores = { vault, rows };
  let tail: Promise<unknown> = Promise.resolve();
  /** An entry may stand whose rows could not be written: nothing is read before they are. */
  let behind = false;
  // In line within this process: the number of an entry lets one writer win, and the others would only try in vain.
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(async () => {
      if (behind) await follow(stores);
      behind = true;
      const answer = await work();
      behind = false;
      return answer;
    });
    tail = turn.catch(() => undefined);
    return turn;
  };
  const settled = async (): Promise<void> => {
    await tail;
    if (behind) await inLine(async () => undefined);
  };
  return {
    get: async (key) => {
      await settled();
      return rows.get(key);
    },
    list: async (pk, prefix) => {
      await settled();
      return rows.list(pk, prefix);
    },
    commit: (writes) => inLine(() => commit(stores, writes)),
    catchUp: () => inLine(() => follow(stores)),
  };
}

async function commit(stores: Stores, writes: readonly Write[]): Promise<CommitOutcome> {
  // Looked at one by one they would pass, and together they could never become rows.
  invariant(new Set(writes.map(({ key }) => nameOf(key))).size === writes.length, 'a transaction writes each row once');
  for (;;) {
    const end = await journalEnd(stores.rows);
    const conflict = await conflictOf(stores.rows, writes);
    if (conflict !== undefined) return conflict;
    const bytes = entryBytes({ schema: 'journal/v0', n: end.n + 1, previous: end.entry, writes: [...writes] });
    // What stands in the journal must be readable for ever, so it is read once before; and nothing may stand there that can never
    // become rows, since every later write waits for it.
    entryIn(bytes, end);
    stores.rows.fits?.([...writes, noteOf(end, bytes)]);
    const put = await stores.vault.putOnce(journalKey(end.n + 1), bytes);
    if (put.kind === 'stored') {
      await write(stores.rows, end, bytes);
      return { kind: 'committed' };
    }
    // Another process was first, or a reply of ours was lost: its rows are written, and ours are looked at again.
    await write(stores.rows, end, put.bytes);
  }
}

/** What a commit would answer. It holds as long as no other entry takes the next number, and then it is looked at again. */
async function conflictOf(rows: Index, writes: readonly Write[]): Promise<CommitOutcome | undefined> {
  // All at once: every other commit of this store waits for this one meanwhile, and a remote row is milliseconds away.
  const found = await Promise.all(writes.map(({ key }) => rows.get(key)));
  const i = writes.findIndex((write, at) => conflicts(write, found[at]));
  const write = writes[i];
  return write === undefined ? undefined : { kind: 'conflict', key: write.key, found: found[i] };
}

function conflicts(write: Write, found: Row | undefined): boolean {
  if (write.kind === 'fact' || (write.kind === 'register' && write.expected === 'absent')) return found !== undefined;
  return found?.revision !== write.expected;
}

/** Entries from where the rows stand to the end of the journal. */
async function follow({ vault, rows }: Stores, each?: (n: number) => void, last?: number): Promise<number> {
  for (let done = 0; ; done++) {
    const end = await journalEnd(rows);
    const bytes = end.n === last ? undefined : await vault.get(journalKey(end.n + 1));
    if (bytes === undefined) return done;
    await write(rows, end, bytes);
    each?.(end.n + 1);
  }
}

/** One entry becomes rows, with the note how far they follow, in one transaction. */
async function write(rows: Index, end: End, bytes: Uint8Array): Promise<void> {
  const { n, writes } = entryIn(bytes, end);
  const outcome = await rows.commit([...writes.map(asWrite), noteOf(end, bytes)]);
  if (outcome.kind === 'committed') return;
  const now = await journalEnd(rows);
  // Another process may have written the same rows meanwhile.
  if (now.n < n) damaged(`the row ${nameOf(outcome.key)} is not what the journal says before its entry ${journalKey(n)}`);
}

const noteOf = (end: End, bytes: Uint8Array): Write => ({
  kind: 'register',
  key: keys.journalEnd,
  body: { n: end.n + 1, entry: digestOf(bytes) },
  expected: end.revision,
});

/** A line of JSON and a line with its digest: so the last entry, which nothing follows, shows a flipped bit as well. */
function entryBytes(
  entry: { [K in keyof z.infer<typeof Entry>]: K extends 'writes' ? Write[] : z.infer<typeof Entry>[K] },
): Uint8Array {
  const line = JSON.stringify(entry);
  return new TextEncoder().encode(`${line}\n${digestOf(line)}\n`);
}

function entryIn(bytes: Uint8Array, { n, entry: previous }: Pick<End, 'n' | 'entry'>): z.infer<typeof Entry> {
  const key = journalKey(n + 1);
  const [line = '', digest, ...rest] = new TextDecoder().decode(bytes).split('\n');
  if (digestOf(line) !== digest || rest.join() !== '')
    return damaged(`${key} was changed: its bytes are not what its digest says`);
  const parsed = Entry.safeParse(jsonIn(line));
  if (!parsed.success || parsed.data.n !== n + 1) return damaged(`${key} is no entry of a journal of that number`);
  if (parsed.data.previous === previous) return parsed.data;
  return damaged(
    previous === null
      ? `${key} is not the first entry of a journal`
      : `${key} follows ${parsed.data.previous}, not ${previous} of ${journalKey(n)}: one of them was exchanged`,
  );
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const nameOf = ({ pk, sk }: RowKey): string => `${pk} / ${sk}`;

const asWrite = (write: z.infer<typeof JournalWrite>): Write =>
  write.kind === 'clear' ? write : { ...write, body: write.body };

/** All rows anew, from the first entry to the `last`, or to the end there is. */
export const replayJournal = (
  vault: Stores['vault'],
  empty: Index,
  each: (n: number) => void,
  last?: number,
): Promise<number> => follow({ vault, rows: empty }, each, last);

/** Every write that was ever committed, in order, from the vault alone; throws at an entry that was changed or exchanged. */
export async function* journalWrites(vault: Pick<Vault, 'get'>): AsyncGenerator<Write> {
  let end: Pick<End, 'n' | 'entry'> = { n: 0, entry: null };
  for (;;) {
    const bytes = await vault.get(journalKey(end.n + 1));
    if (bytes === undefined) return;
    for (const one of entryIn(bytes, end).writes) yield asWrite(one);
    end = { n: end.n + 1, entry: digestOf(bytes) };
  }
}

/**
 * Do these rows belong to this vault? The last entry they follow must be there as it was. Rows of an older day only lack what
 * the journal still has; rows of another store, or a vault that lost its end, cannot go on.
 */
export async function problemOfPair(vault: Pick<Vault, 'get'>, rows: Index): Promise<string | undefined> {
  const { n, entry } = await journalEnd(rows);
  if (n === 0) return undefined;
  const bytes = await vault.get(journalKey(n));
  if (bytes === undefined) return `the index follows ${journalKey(n)}, which the vault lacks`;
  return digestOf(bytes) === entry ? undefined : `the index follows another ${journalKey(n)} than the vault holds`;
}
