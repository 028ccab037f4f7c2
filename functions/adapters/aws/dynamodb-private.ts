// The private table: nothing in it is evidence, and all of it may be erased one day. Its items end by themselves (`expires`), but
// DynamoDB takes its time for that, so what is over is not answered.
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type Digest, hexOf } from '../../domain/digest.ts';
import { InfrastructureError } from '../../domain/errors.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Clock, Erasable, Spool } from '../../ports.ts';
import type { Item } from './dynamodb-rows.ts';
import { asking } from './fault.ts';

export type PrivateTable = { readonly client: DynamoDBClient; readonly table: string };

/** A session carries an ID token and some claims. DynamoDB would take 400 KB. */
const MAX_SESSION_BYTES = 64 * 1024;
const MAX_TEXT_BYTES = 350 * 1024;
const NO_RANGE = '-';

const keyOf = (pk: string, sk = NO_RANGE): Item => ({ pk: { S: pk }, sk: { S: sk } });
const ONLY_FIRST = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

function mustFit(what: string, text: string, limit: number): void {
  const size = Buffer.byteLength(text);
  if (size > limit) throw new InfrastructureError(`${what} has ${size} bytes, and ${limit} are kept`, { retryable: false });
}

/** What was sent is a secret of somebody, so no error repeats it. */
const secretly = <T>(what: string, call: () => Promise<T>): Promise<T> => asking(what, call, { secret: true });

/** Answers the item that stood in the way, or undefined when the call was done. */
async function unlessRefused(call: () => Promise<unknown>): Promise<Item | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item ?? {};
  }
}

export function dynamoDbErasable({ client, table }: PrivateTable): Erasable {
  const pkOf = (digest: Digest) => `ERASABLE#${hexOf(digest)}`;
  return {
    keep: async (digest, text) => {
      mustFit('a text to be kept', text, MAX_TEXT_BYTES);
      const put = { TableName: table, Item: { ...keyOf(pkOf(digest)), body: { S: text } }, ...ONLY_FIRST };
      await secretly('keep a text', () => unlessRefused(() => client.send(new PutItemCommand(put))));
    },
    erase: async (digest) => {
      const gone = { TableName: table, Key: keyOf(pkOf(digest)) };
      await secretly('erase a text', () => client.send(new DeleteItemCommand(gone)));
    },
  };
}

const NOTES = 'NOTES';
const DIGITS = 12;
const noteSk = (n: number): string => String(n).padStart(DIGITS, '0');

/** `unique` names one line, so that who lost the answer to it does not write it twice. */
export function dynamoDbSpool({ client, table }: PrivateTable, unique: () => string): Spool {
  // Lines are only ever added behind the last, so what was read once is not read again.
  const lines: unknown[] = [];
  let last = 0;
  const readOn = () =>
    asking('read the notes', async () => {
      let more = true;
      while (more) {
        const query = {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk > :last',
          ExpressionAttributeValues: { ':pk': { S: NOTES }, ':last': { S: noteSk(last) } },
        };
        const page = await client.send(new QueryCommand(query));
        for (const item of page.Items ?? []) {
          const n = Number(item['sk']?.S);
          // Two reads of this process may run at once.
          if (n <= last) continue;
          lines.push(JSON.parse(item['body']?.S ?? 'null'));
          last = n;
        }
        more = page.LastEvaluatedKey !== undefined;
      }
    });
  return {
    append: async (line) => {
      const body = JSON.stringify(line);
      mustFit('a note', body, MAX_TEXT_BYTES);
      const writer = unique();
      for (;;) {
        const Item = { ...keyOf(NOTES, noteSk(last + 1)), body: { S: body }, writer: { S: writer } };
        const put = { TableName: table, Item, ...ONLY_FIRST, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
        const there = await asking('write a note', () => unlessRefused(() => client.send(new PutItemCommand(put))));
        if (there === undefined || there['writer']?.S === writer) return;
        // The number is taken, so whoever took it is read, and the next one is tried.
        await readOn();
      }
    },
    read: async () => {
      await readOn();
      return [...lines];
    },
  };
}

/** `SessionStore` of functions/http/session-store.ts. `body` is kept as JSON. */
export function dynamoDbSessions({ client, table }: PrivateTable, clock: Clock) {
  const pkOf = (digest: Digest) => `SESSION#${hexOf(digest)}`;
  const bodyIn = (item: Item | undefined): unknown =>
    item === undefined || Number(item['expires']?.N) * 1000 <= Date.parse(clock.now())
      ? undefined
      : JSON.parse(item['body']?.S ?? 'null');
  return {
    put: async (idDigest: Digest, body: unknown, untilSeconds: number): Promise<void> => {
      const text = JSON.stringify(body);
      mustFit('a session', text, MAX_SESSION_BYTES);
      const Item = { ...keyOf(pkOf(idDigest)), body: { S: text }, expires: { N: String(Math.floor(untilSeconds)) } };
      await secretly('keep a session', () => client.send(new PutItemCommand({ TableName: table, Item })));
    },
    get: async (idDigest: Digest): Promise<unknown> => {
      const asked = { TableName: table, Key: keyOf(pkOf(idDigest)), ConsistentRead: true };
      return bodyIn((await secretly('read a session', () => client.send(new GetItemCommand(asked)))).Item);
    },
    take: async (idDigest: Digest): Promise<unknown> =>
      bodyIn(await secretly('take a session', () => taken(client, { TableName: table, Key: keyOf(pkOf(idDigest)) }))),
  };
}

/** Of several at once one gets it: the condition decides, not what a delete says of what was there. */
async function taken(
  client: DynamoDBClient,
  at: { readonly TableName: string; readonly Key: Item },
): Promise<Item | undefined> {
  const gone = { ...at, ConditionExpression: 'attribute_exists(pk)', ReturnValues: 'ALL_OLD' } as const;
  let old: Item | undefined;
  await unlessRefused(async () => {
    old = (await client.send(new DeleteItemCommand(gone))).Attributes;
  });
  return old;
}

/** No wait lasts longer (infra/: TimeoutSeconds), so what is older is of no execution. */
const TOKEN_SECONDS = 366 * 86_400;

/**
 * Tokens of waiting executions (`TaskTokens` of functions/wake/wake.ts). Whoever has one can wake, so they stand here and nowhere
 * else. One that is over is answered all the same: trying it in vain is harmless, and not trying it would leave somebody waiting.
 */
export function dynamoDbTokens({ client, table }: PrivateTable, clock: Clock) {
  const at = (request: RequestId, what: 'token' | 'mark') => keyOf(`TOKEN#${request}`, what);
  const expires = () => ({ N: String(Math.floor(Date.parse(clock.now()) / 1000) + TOKEN_SECONDS) });
  return {
    put: async (request: RequestId, token: string): Promise<void> => {
      const Item = { ...at(request, 'token'), token: { S: token }, expires: expires() };
      await secretly(`keep the token of ${request}`, () => client.send(new PutItemCommand({ TableName: table, Item })));
    },
    get: async (request: RequestId): Promise<string | undefined> => {
      const asked = { TableName: table, Key: at(request, 'token'), ConsistentRead: true };
      const { Item } = await secretly(`read the token of ${request}`, () => client.send(new GetItemCommand(asked)));
      return Item?.['token']?.S;
    },
    clear: async (request: RequestId, token: string): Promise<void> => {
      const gone = {
        TableName: table,
        Key: at(request, 'token'),
        ConditionExpression: '#token = :token',
        ExpressionAttributeNames: { '#token': 'token' },
        ExpressionAttributeValues: { ':token': { S: token } },
      };
      await secretly(`clear the token of ${request}`, () => unlessRefused(() => client.send(new DeleteItemCommand(gone))));
    },
    mark: async (request: RequestId): Promise<void> => {
      const Item = { ...at(request, 'mark'), expires: expires() };
      await asking(`mark ${request}`, () => client.send(new PutItemCommand({ TableName: table, Item })));
    },
    takeMark: async (request: RequestId): Promise<boolean> =>
      (await asking(`take the mark of ${request}`, () => taken(client, { TableName: table, Key: at(request, 'mark') }))) !==
      undefined,
  };
}
