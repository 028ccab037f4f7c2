import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { InfrastructureError } from '../../domain/errors.ts';
import { invariant } from '../../domain/result.ts';
import type { CommitOutcome, Index, Row, RowKey, Write } from '../../ports.ts';
import { asTransactItem, commitOf, type Item, keyOf, mustFit, rowOf } from './dynamodb-rows.ts';
import { asking, faultOf } from './fault.ts';
import { type Patience, untilAnswered } from './patience.ts';

/** `unique` names one commit, in 36 characters at most; no two commits of anybody ever share a name. */
type Settings = Patience & { readonly table: string; readonly unique: () => string };

/**
 * Rows in one table, written by conditional transactions only. The conditions decide; the name of a commit only tells whose a row
 * is when the answer to the commit was lost.
 */
export class DynamoDbIndex implements Index {
  readonly #client: DynamoDBClient;
  readonly #settings: Settings;

  constructor(client: DynamoDBClient, settings: Settings) {
    this.#client = client;
    this.#settings = settings;
  }

  async get(key: RowKey): Promise<Row | undefined> {
    const item = await asking('read the index', () => this.#item(key));
    return item === undefined ? undefined : rowOf(item);
  }

  async list(pk: string, skPrefix = ''): Promise<readonly Row[]> {
    const rows: Row[] = [];
    const which =
      skPrefix === ''
        ? { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } } }
        : {
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
            ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: skPrefix } },
          };
    const query = { TableName: this.#settings.table, ConsistentRead: true, ...which };
    let from: Item | undefined;
    do {
      const after = from === undefined ? {} : { ExclusiveStartKey: from };
      const page = await asking('list the index', () => this.#client.send(new QueryCommand({ ...query, ...after })));
      rows.push(...(page.Items ?? []).map(rowOf));
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
    return rows;
  }

  fits(writes: readonly Write[]): void {
    mustFit(writes);
  }

  async commit(writes: readonly Write[]): Promise<CommitOutcome> {
    mustFit(writes);
    if (writes.length === 0) return { kind: 'committed' };
    const { table, unique } = this.#settings;
    const commit = unique();
    const items = writes.map((write) => asTransactItem(table, write, commit));
    const sent = { TransactItems: items, ClientRequestToken: commit };
    /** Since an answer was lost, a row that stands in the way may be ours. The SDK says only how often it tried. */
    let lost = false;
    let last: readonly CancellationReason[] = [];
    const outcome = await untilAnswered(this.#settings, async (): Promise<CommitOutcome | undefined> => {
      try {
        await this.#client.send(new TransactWriteItemsCommand(sent));
        return { kind: 'committed' };
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw faultOf('write to the index', error);
        lost ||= (error.$metadata.attempts ?? 1) > 1;
        last = error.CancellationReasons ?? [];
        const at = last.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
        if (at >= 0) return this.#conflict(writes, at, last[at], { commit, lost });
        if (!last.every(({ Code }) => PASSING.includes(Code ?? 'None'))) throw faultOf('write to the index', error);
        return undefined;
      }
    });
    if (outcome !== undefined) return outcome;
    const why = [...new Set(last.map(({ Code }) => Code))].filter((code) => code !== 'None').join(', ');
    throw new InfrastructureError(`cannot write to the index: ${why}, again and again`, { retryable: true });
  }

  async #conflict(
    writes: readonly Write[],
    at: number,
    reason: CancellationReason | undefined,
    { commit, lost }: { readonly commit: string; readonly lost: boolean },
  ): Promise<CommitOutcome> {
    const key = writes[at]?.key;
    invariant(key !== undefined, 'DynamoDB answers a reason for each write');
    if (lost) {
      const whose = await this.#whose(writes, commit);
      if (whose === 'ours') return { kind: 'committed' };
      if (whose === 'unknown') {
        const why = 'an answer of DynamoDB was lost, and the rows were changed since';
        throw new InfrastructureError(`cannot tell whether the index was written: ${why}`, { retryable: true });
      }
    }
    const item = reason?.Item ?? (await asking('read the index', () => this.#item(key)));
    return { kind: 'conflict', key, found: item === undefined ? undefined : rowOf(item) };
  }

  /**
   * A commit is written whole, so one row with its name proves it, and one missing fact disproves it: facts are never changed and
   * never deleted. A register may have been changed by others since, so of registers alone nothing may be left to see.
   */
  async #whose(writes: readonly Write[], commit: string): Promise<'ours' | 'others' | 'unknown'> {
    let whose: 'others' | 'unknown' = 'unknown';
    for (const { kind, key } of writes) {
      if (kind === 'clear') continue;
      const item = await asking('read the index', () => this.#item(key));
      if (item !== undefined && commitOf(item) === commit) return 'ours';
      if (kind === 'fact') whose = 'others';
    }
    return whose;
  }

  async #item({ pk, sk }: RowKey): Promise<Item | undefined> {
    const { table } = this.#settings;
    const found = await this.#client.send(
      new GetItemCommand({ TableName: table, Key: keyOf({ pk, sk }), ConsistentRead: true }),
    );
    return found.Item;
  }
}

/** Another transaction held a row, or the table is asked too fast: nothing was written, and nothing is wrong. */
const PASSING = ['None', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
