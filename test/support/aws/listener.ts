// Who listens to the bus: a rule and a queue of its own, as another team would have them.
import { EventBridgeClient, ListEventBusesCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION } from './cdk.ts';
import type { Deployment } from './deploy.ts';

export async function listenTo({ account }: Deployment): Promise<{ readonly next: () => Promise<unknown> }> {
  const events = new EventBridgeClient(account);
  const sqs = new SQSClient(account);
  const { EventBuses = [] } = await events.send(new ListEventBusesCommand({}));
  const bus = EventBuses.map(({ Name }) => Name).find((name) => name !== 'default');
  if (bus === undefined) throw new Error('no bus was deployed');
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'listener' }));
  const pattern = JSON.stringify({ source: ['countersign'] });
  await events.send(new PutRuleCommand({ Name: 'listener', EventBusName: bus, EventPattern: pattern }));
  const target = { Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:listener` };
  await events.send(new PutTargetsCommand({ Rule: 'listener', EventBusName: bus, Targets: [target] }));
  return {
    next: async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      const [message] = Messages;
      return message?.Body === undefined ? undefined : (JSON.parse(message.Body) as { detail: unknown }).detail;
    },
  };
}
