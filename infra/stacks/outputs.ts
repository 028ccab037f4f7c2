// What a person or a script reads after a deploy: addresses, and the commands of an operator.
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { StageFunction } from '../constructs/stage-function.ts';

export type Told = {
  readonly apiUrl: string;
  readonly machine: string;
  readonly seal: StageFunction;
  readonly sweep: StageFunction;
};

/** A function asked by name, with rights of the operator's own account. */
export const asks = (arn: string, payload: Readonly<Record<string, string>>): string =>
  `aws lambda invoke --function-name ${arn} --cli-binary-format raw-in-base64-out ` +
  `--payload '${JSON.stringify(payload)}' /dev/stdout`;

export function routerOutputs(stack: Stack, { apiUrl, machine, seal, sweep }: Told): void {
  const output = (name: string, value: string, description: string) => new CfnOutput(stack, name, { value, description });
  output('ApiUrl', apiUrl, 'Where people and pipelines go');
  output('MachineArn', machine, 'One execution for each promotion');
  output('SealerArn', seal.alias.functionArn, 'Asked by other functions to seal what is frozen');
  // No function may invoke it without its alias, so no function can ask for these.
  output(
    'OperatorArn',
    seal.function.functionArn,
    'Asked to begin, to rotate and to retire keys: by people, never by a function',
  );
  output('SweeperArn', sweep.alias.functionArn, 'Asked to freeze and to release');
  output(
    'Begin',
    asks(seal.function.functionArn, { kind: 'begin' }),
    'Once, after the first deploy: seals start, keys and first policy',
  );
  output(
    'Freeze',
    asks(sweep.alias.functionArn, { kind: 'freeze', reason: 'say why' }),
    'Nothing new is deployed until it is released',
  );
  output('Release', asks(sweep.alias.functionArn, { kind: 'release', reason: 'say why' }), 'Lets go of a freeze by hand');
}
