// Rows of the index as items, and what DynamoDB would never take, known before anything is written.
import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { InfrastructureError } from '../../domain/errors.ts';
import type { Row, RowKey, Write } from '../../ports.ts';

export type Item = Record<string, AttributeValue>;

/** Limits of DynamoDB, none of which can be raised. */
const MAX_WRITES = 100;
const MAX_ITEM_BYTES = 400 * 1024;
const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
const MAX_SK_BYTES = 1024;
const MAX_PK_BYTES = 2048;
/** Names of the attributes, kind, revision and commit: more than they ever take. */
const BESIDE_BYTES = 200;

const bytesOf = (text: string): number => Buffer.byteLength(text);

export const keyOf = ({ pk, sk }: RowKey): Item => ({ pk: { S: pk }, sk: { S: sk } });

export function rowOf(item: Item): Row {
  const [pk, sk, text] = [item['pk']?.S, item['sk']?.S, item['body']?.S];
  const revision = Number(item['revision']?.N);
  const body = text === undefined ? undefined : jsonIn(text);
  // Only somebody who writes past us makes such a row; it can be made again from the journal.
  if (pk === undefined || sk === undefined || body === undefined || !Number.isSafeInteger(revision))
    throw new InfrastructureError(`the row ${pk} / ${sk} of the index is damaged`, { retryable: false });
  return { key: { pk, sk }, body, revision };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is undefined, so it stands for damage.
    return undefined;
  }
}

export const commitOf = (item: Item): string | undefined => item['commit']?.S;

const bodyOf = (write: Write): string => (write.kind === 'clear' ? '' : JSON.stringify(write.body ?? null));

const ABSENT = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

/** A fact has revision 0, which no register ever has; the kind is asked all the same, so that no arithmetic can reach a fact. */
const asRead = (expected: number) => ({
  ConditionExpression: 'kind = :register AND revision = :expected',
  ExpressionAttributeValues: { ':register': { S: 'register' }, ':expected': { N: String(expected) } },
});

/** One write with its condition. `commit`: the name of the commit, so that who lost the answer to it can ask whose the row is. */
export function asTransactItem(table: string, write: Write, commit: string): TransactWriteItem {
  const told = { TableName: table, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if (write.kind === 'clear') return { Delete: { ...told, Key: keyOf(write.key), ...asRead(write.expected) } };
  const revision = write.kind === 'fact' ? 0 : write.expected === 'absent' ? 1 : write.expected + 1;
  const Item = {
    ...keyOf(write.key),
    kind: { S: write.kind },
    body: { S: bodyOf(write) },
    revision: { N: String(revision) },
    commit: { S: commit },
  };
  const condition = write.kind === 'fact' || write.expected === 'absent' ? ABSENT : asRead(write.expected);
  return { Put: { ...told, Item, ...condition } };
}

/** A sentence that says why these writes can never be committed, whatever is stored; undefined when they can. */
function whyNever(writes: readonly Write[]): string | undefined {
  if (writes.length > MAX_WRITES) return `it writes ${writes.length} rows, and DynamoDB takes ${MAX_WRITES} at once`;
  let sum = 0;
  for (const write of writes) {
    const { pk, sk } = write.key;
    if (pk === '' || bytesOf(pk) > MAX_PK_BYTES) return `the partition ${pk.slice(0, 80)} is no key of DynamoDB`;
    if (sk === '' || bytesOf(sk) > MAX_SK_BYTES) return `the row ${pk} / ${sk.slice(0, 80)} is no key of DynamoDB`;
    const size = bytesOf(pk) + bytesOf(sk) + bytesOf(bodyOf(write)) + BESIDE_BYTES;
    if (size > MAX_ITEM_BYTES) return `the row ${pk} / ${sk} has ${size} bytes, and DynamoDB takes ${MAX_ITEM_BYTES}`;
    sum += size;
  }
  return sum > MAX_COMMIT_BYTES
    ? `its rows have ${sum} bytes together, and DynamoDB takes ${MAX_COMMIT_BYTES} at once`
    : undefined;
}

export function mustFit(writes: readonly Write[]): void {
  const why = whyNever(writes);
  if (why !== undefined) throw new InfrastructureError(`cannot write to the index: ${why}`, { retryable: false });
}
