// The state machine as it is deployed: an execution that waits for people goes on with the code that it began with, so each of its
// functions is called by a version.
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { either, fails, type Look, ok } from './finding.ts';

const AREA = 'workflow';

export function machineLooks({ sfn, lambda }: { sfn: SFNClient; lambda: LambdaClient }, stateMachineArn: string): Look[] {
  const described = async () => sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return [
    {
      area: AREA,
      name: 'kind',
      run: async () => {
        const { type, status } = await described();
        return either(type === 'STANDARD', `${type}, ${status ?? 'active'}`, `${type}: it cannot wait for people`);
      },
    },
    {
      area: AREA,
      name: 'versions',
      run: async () => {
        const called = functionsIn((await described()).definition ?? '');
        const loose = called.filter((arn) => !/:\d+$/.test(arn));
        if (called.length === 0) return fails('it calls no function at all');
        return either(
          loose.length === 0,
          `all ${called.length} functions by a version`,
          `not by a version: ${loose.join(', ')}`,
        );
      },
    },
    {
      area: AREA,
      name: 'their code',
      run: async () => {
        const called = functionsIn((await described()).definition ?? '').filter((arn) => /:\d+$/.test(arn));
        for (const FunctionName of called) {
          const { State = 'Active', Runtime } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
          if (State !== 'Active' && State !== 'Inactive') return fails(`${FunctionName} is ${State}`);
          if (Runtime !== 'nodejs24.x') return fails(`${FunctionName} runs on ${Runtime}`);
        }
        return ok('each version is there, on nodejs24.x');
      },
    },
    {
      area: AREA,
      name: 'what it logs',
      run: async () => {
        // A task token stands in the data of an execution, and whoever has it can end the wait.
        const { loggingConfiguration: log } = await described();
        return either(
          log?.includeExecutionData !== true,
          `level ${log?.level ?? 'OFF'}, without the data`,
          'with the data: task tokens stand in the log',
        );
      },
    },
  ];
}

/** Names of functions wherever the definition calls one, whichever way it is written. */
const functionsIn = (definition: string): string[] => [
  ...new Set(definition.match(/arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(?::[\w$-]+)?/g) ?? []),
];
