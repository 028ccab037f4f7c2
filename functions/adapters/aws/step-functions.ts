import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import type { RequestId } from '../../domain/request.ts';
import { asking } from './fault.ts';

const STANDING: Readonly<Record<string, 'running' | 'done'>> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'running',
  SUCCEEDED: 'done',
};

/** Executions of one state machine (`Machine` of functions/wake/wake.ts). `machine`: its ARN, with version or alias or without. */
export function stepFunctions(client: SFNClient, machine: string) {
  // An execution belongs to the machine, whichever version or alias started it.
  const [, partition, , region, account, , name] = machine.split(':');
  const arnOf = (execution: string) => `arn:${partition}:states:${region}:${account}:execution:${name}:${execution}`;
  return {
    async status(execution: string): Promise<'running' | 'done' | 'broken' | undefined> {
      return asking(`look at the execution ${execution}`, async () => {
        try {
          const { status } = await client.send(new DescribeExecutionCommand({ executionArn: arnOf(execution) }));
          return STANDING[status ?? ''] ?? 'broken';
        } catch (error) {
          if (error instanceof ExecutionDoesNotExist) return undefined;
          throw error;
        }
      });
    },

    async start(execution: string, request: RequestId): Promise<void> {
      const input = JSON.stringify({ request });
      await asking(`start the execution ${execution}`, async () => {
        try {
          await client.send(new StartExecutionCommand({ stateMachineArn: machine, name: execution, input }));
        } catch (error) {
          // Two who wanted it at once: it runs.
          if (!(error instanceof ExecutionAlreadyExists)) throw error;
        }
      });
    },

    /** `TaskTimedOut` also means closed already, as after a double submit (SendTaskSuccess API); so none of the three is a fault. */
    async succeed(token: string, request: RequestId): Promise<'woken' | 'gone'> {
      const wake = async () => {
        try {
          await client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify({ request }) }));
          return 'woken' as const;
        } catch (error) {
          if ([TaskDoesNotExist, TaskTimedOut, InvalidToken].some((kind) => error instanceof kind)) return 'gone' as const;
          throw error;
        }
      };
      return asking(`wake the execution of ${request}`, wake, { secret: true });
    },
  };
}
