// The index table behind a deployment, past our own code: what somebody with rights of their own could do to it.
import { DeleteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Deployment } from './deploy.ts';

/** Answers how many rows it had. */
export async function emptyTable({ account, output }: Deployment): Promise<number> {
  const client = new DynamoDBClient(account);
  const TableName = output('Table');
  let gone = 0;
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ProjectionExpression: 'pk, sk' }))
    for (const { pk, sk } of Items) {
      if (pk === undefined || sk === undefined) throw new Error('a row without its key');
      await client.send(new DeleteItemCommand({ TableName, Key: { pk, sk } }));
      gone++;
    }
  return gone;
}
