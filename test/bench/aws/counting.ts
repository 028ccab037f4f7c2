// Stands before vault, rows, keys and workflow, and counts what each call of a port is on AWS: requests, and the units that are
// billed for them. Under the journal, so that its objects and its note are counted with everything else.
import type { Index, Row, RowKey, Signer, Vault, Workflow, Write } from '../../../functions/ports.ts';
import type { MemoryStores } from '../../support/sim/base.ts';

export const UNITS = [
  ...['s3Put', 's3Get', 's3Head', 's3List', 's3Objects', 's3Bytes'],
  ...['dynamoGet', 'dynamoQuery', 'dynamoTransact', 'dynamoItems', 'readUnits', 'writeUnits', 'rowBytes'],
  ...['privateReads', 'privateWrites', 'kmsSign', 'wakes', 'http', 'httpUnits', 'commits', 'invocations', 'transitions'],
];
/** How many of each of them. */
export type Usage = Record<string, number>;

/** The largest of a kind that was seen, and what it was. */
type Largest = { readonly size: number; readonly what: string };

export type Counter = {
  readonly usage: Usage;
  readonly largest: { row: Largest; transactionItems: Largest; transactionBytes: Largest; object: Largest; page: Largest };
  readonly add: (unit: string, amount?: number) => void;
  readonly seen: (stores: MemoryStores) => MemoryStores;
};

const NONE: Largest = { size: 0, what: 'nothing' };

/** A UUID. */
const COMMIT = 36;

/** What DynamoDB calls an item's size: names and values of its attributes (functions/adapters/aws/dynamodb-rows.ts). */
export function itemBytes({ pk, sk }: RowKey, body: unknown, fact: boolean): number {
  const names = ['pk', 'sk', 'kind', 'body', 'revision', 'commit'].join('').length;
  const kind = fact ? 'fact'.length : 'register'.length;
  // A number takes about one byte for two digits and one more.
  return names + kind + Buffer.byteLength(pk) + Buffer.byteLength(sk) + Buffer.byteLength(JSON.stringify(body)) + 3 + COMMIT;
}

const KIB = 1024;
const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / (4 * KIB)));
/** Twice what a plain write costs. */
const transactUnits = (bytes: number): number => 2 * Math.max(1, Math.ceil(bytes / KIB));

export function counter(): Counter {
  const usage: Usage = Object.fromEntries(UNITS.map((unit) => [unit, 0]));
  const largest = { row: NONE, transactionItems: NONE, transactionBytes: NONE, object: NONE, page: NONE };
  const add = (unit: string, amount = 1): void => {
    usage[unit] = (usage[unit] ?? 0) + amount;
  };
  const note = (of: keyof typeof largest, size: number, what: string): void => {
    if (size > largest[of].size) largest[of] = { size, what };
  };
  return {
    usage,
    largest,
    add,
    seen: ({ vault, rows, signer, tlog, workflow }) => ({
      vault: countedVault(vault, add, note),
      rows: countedRows(rows, add, note),
      signer: countedSigner(signer, add),
      tlog: { ...tlog, signer: countedSigner(tlog.signer, add) },
      workflow: countedWorkflow(workflow, add),
    }),
  };
}

type Add = Counter['add'];
type Note = (of: keyof Counter['largest'], size: number, what: string) => void;

/** `already` is a PUT that S3 refused (412), which is billed, and a GET of what is there. */
const countedVault = (vault: Vault, add: Add, note: Note): Vault => ({
  putOnce: async (key, bytes) => {
    const put = await vault.putOnce(key, bytes);
    add('s3Put');
    if (put.kind === 'already') add('s3Get');
    else {
      add('s3Objects');
      add('s3Bytes', bytes.byteLength);
      note('object', bytes.byteLength, folderOf(key));
    }
    return put;
  },
  get: async (key) => {
    add('s3Get');
    return vault.get(key);
  },
  size: async (key) => {
    const size = await vault.size(key);
    add('s3Head');
    // What is not there may be hidden by a delete marker: its versions are listed.
    if (size === undefined) add('s3List');
    return size;
  },
  async *list(prefix) {
    const keys: string[] = [];
    for await (const key of vault.list(prefix)) keys.push(key);
    // A page has a thousand keys.
    add('s3List', Math.max(1, Math.ceil(keys.length / 1000)));
    yield* keys;
  },
});

const folderOf = (key: string): string => key.split('/')[0] ?? '';

const countedRows = (rows: Index, add: Add, note: Note): Index => ({
  get: async (key) => {
    const row = await rows.get(key);
    add('dynamoGet');
    add('readUnits', readUnits(row === undefined ? 0 : sizeOf(row)));
    return row;
  },
  list: async (pk, prefix) => {
    const found = await rows.list(pk, prefix);
    const bytes = found.reduce((sum, row) => sum + sizeOf(row), 0);
    // A page has a megabyte.
    add('dynamoQuery', Math.max(1, Math.ceil(bytes / (KIB * KIB))));
    add('readUnits', readUnits(bytes));
    return found;
  },
  commit: async (writes) => {
    const before = await Promise.all(writes.map(({ key }) => rows.get(key)));
    const done = await rows.commit(writes);
    const sizes = writes.map((write) => (write.kind === 'clear' ? 0 : itemBytes(write.key, write.body, write.kind === 'fact')));
    const old = before.map((row) => (row === undefined ? 0 : sizeOf(row)));
    add('dynamoTransact');
    add('dynamoItems', writes.length);
    add('writeUnits', sizes.map((size, i) => transactUnits(Math.max(size, old[i] ?? 0))).reduce(sum));
    if (done.kind === 'conflict') return done;
    add('rowBytes', sizes.reduce(sum) - old.reduce(sum));
    const [all, of] = [sizes.reduce(sum), writes.map(nameOf).join(', ')];
    note('transactionItems', writes.length, of);
    note('transactionBytes', all, of);
    for (const [i, write] of writes.entries()) note('row', sizes[i] ?? 0, nameOf(write));
    if (writes.some(({ key }) => key.pk === 'JOURNAL')) add('commits');
    return done;
  },
});

const sum = (a: number, b: number): number => a + b;
const sizeOf = ({ key, body, revision }: Row): number => itemBytes(key, body, revision === 0);
/** Without what differs from request to request. */
const nameOf = ({ key }: Write): string => `${key.pk.split('#')[0]} / ${key.sk.split(/[#\-0-9]/)[0] || 'id'}`;

/** DER of most signatures of P-256; one or two bytes less would make every sum differ by a little from run to run. */
const DER_BYTES = 71;

const countedSigner = (signer: Signer, add: Add): Signer => ({
  ...signer,
  sign: async (bytes) => {
    add('kmsSign');
    for (;;) {
      const signature = await signer.sign(bytes);
      if (signer.algorithm !== 'p256' || signature.byteLength === DER_BYTES) return signature;
    }
  },
});

const countedWorkflow = (workflow: Workflow, add: Add): Workflow => ({
  wake: (id) => {
    add('wakes');
    workflow.wake(id);
  },
});

export const minus = (after: Usage, before: Usage): Usage =>
  Object.fromEntries(UNITS.map((unit) => [unit, (after[unit] ?? 0) - (before[unit] ?? 0)]));
