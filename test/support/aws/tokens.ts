// The task token of a request, as somebody would have it who reads what only one function may read.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { dynamoDbTokens } from '../../../functions/adapters/aws/dynamodb-private.ts';
import { systemClock } from '../../../functions/adapters/local/clock.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import type { Deployment } from './deploy.ts';

export async function tokenOf({ account, output }: Deployment, request: string): Promise<string | undefined> {
  const table = { client: new DynamoDBClient(account), table: output('PrivateTable') };
  return dynamoDbTokens(table, systemClock()).get(request as RequestId);
}

/** Past our own code. Answers `woken`, or the name of the error. */
export async function wakeDirectly({ account }: Deployment, taskToken: string): Promise<string> {
  const sfn = new SFNClient(account);
  return sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"code":"decided"}' })).then(
    () => 'woken',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}
