// The index table: how it is protected, and whether a row that stands can be written over. The rows that are tried with are the
// doctor's own, and the last try takes them away.
import { randomUUID } from 'node:crypto';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  GetResourcePolicyCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDbIndex } from '../../functions/adapters/aws/dynamodb-index.ts';
import { either, fails, type Look, ok, type Told, tried } from './finding.ts';
import { denies, type Statement, statementsIn } from './policy.ts';

const AREA = 'index';

export function tableLooks(client: DynamoDBClient, table: string): Look[] {
  const TableName = table;
  const described = once(async () => (await client.send(new DescribeTableCommand({ TableName }))).Table);
  return [
    {
      area: AREA,
      name: 'keys',
      run: async () => {
        const keys = ((await described())?.KeySchema ?? []).map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`);
        return either(
          keys.join(', ') === 'pk HASH, sk RANGE',
          'pk and sk',
          `${keys.join(', ') || 'none'}; the index needs pk and sk`,
        );
      },
    },
    {
      area: AREA,
      name: 'deletion protection',
      run: async () => either((await described())?.DeletionProtectionEnabled === true, 'on', 'off'),
    },
    {
      area: AREA,
      name: 'point in time recovery',
      run: async () => {
        const { ContinuousBackupsDescription: found } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
        const state = found?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus ?? 'unknown';
        return either(state === 'ENABLED', 'on', `${state.toLowerCase()}; the vault can still rebuild the index`);
      },
    },
    {
      area: AREA,
      name: 'stream',
      run: async () => {
        const { StreamEnabled, StreamViewType } = (await described())?.StreamSpecification ?? {};
        return either(
          StreamEnabled === true && StreamViewType === 'NEW_AND_OLD_IMAGES',
          'old and new images',
          'off, or without both images',
        );
      },
    },
    { area: AREA, name: 'table policy', run: () => policyOf(client, described) },
    ...rowLooks(client, table),
  ];
}

/** One question, whoever asks first. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}

const PAST_CONDITIONS = ['UpdateItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'];

async function policyOf(client: DynamoDBClient, described: () => Promise<{ TableArn?: string | undefined } | undefined>) {
  const ResourceArn = (await described())?.TableArn;
  const { Policy } = await client.send(new GetResourcePolicyCommand({ ResourceArn })).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'PolicyNotFoundException') return { Policy: undefined };
    throw error;
  });
  return tablePolicyOf(Policy === undefined ? [] : statementsIn(Policy));
}

/** Exported for its test, as that of the vault. */
export function tablePolicyOf(statements: readonly Statement[]): Told {
  const open = PAST_CONDITIONS.filter((name) => !denies(statements, { action: `dynamodb:${name}` }));
  return either(open.length === 0, 'denies every write past the conditions', `does not deny ${open.join(', ')}`);
}

/** `DOCTOR` is no partition of the index. */
function rowLooks(client: DynamoDBClient, TableName: string): Look[] {
  const key = { pk: 'DOCTOR', sk: randomUUID() };
  const Key = { pk: { S: key.pk }, sk: { S: key.sk } };
  const index = new DynamoDbIndex(client, { table: TableName, unique: randomUUID, random: Math.random });
  const row = once(() => index.commit([{ kind: 'fact', key, body: { by: 'countersign doctor --aws' } }]));
  const at = (name: string, run: Look['run']): Look => ({ area: 'tried', name, run });
  const refused = (name: string, again: () => ReturnType<typeof index.commit>) =>
    at(name, async () => {
      await row();
      const { kind } = await again();
      return either(kind === 'conflict', 'refused: the row stands', 'it was written over');
    });
  const past = (name: string, call: () => Promise<unknown>) =>
    at(name, async () => {
      await row();
      return tried(call);
    });
  return [
    at('write a fact', async () =>
      (await row()).kind === 'committed' ? ok(`${key.pk} / ${key.sk}`) : fails('it was there already'),
    ),
    refused('write the fact again', () => index.commit([{ kind: 'fact', key, body: 'other' }])),
    refused('write it as a register', () => index.commit([{ kind: 'register', key, body: 'other', expected: 'absent' }])),
    refused('clear it', () => index.commit([{ kind: 'clear', key, expected: 1 }])),
    past('update it past the conditions', () =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET tried = :yes',
          ExpressionAttributeValues: { ':yes': { S: 'yes' } },
        }),
      ),
    ),
    past('put it by PartiQL', () =>
      client.send(
        new ExecuteStatementCommand({
          Statement: `UPDATE "${TableName}" SET tried='yes' WHERE pk='${key.pk}' AND sk='${key.sk}'`,
        }),
      ),
    ),
    past('put it in a batch', () =>
      client.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { ...Key, body: { S: '0' } } } }] } }),
      ),
    ),
    at('take the doctor’s row away', async () => {
      await client.send(new DeleteItemCommand({ TableName, Key }));
      return ok('gone');
    }),
  ];
}
