// What a person or a script reads after a deploy: addresses, and the commands of an operator.
import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { StageFunction } from '../constructs/stage-function.ts';

export type Told = {
  readonly apiUrl: string;
  readonly machine: string;
  readonly seal: StageFunction;
  readonly sweep: StageFunction;
};

export function routerOutputs(stack: Stack, { apiUrl, machine, seal, sweep }: Told): void {
  const output = (name: string, value: string, description: string) => new CfnOutput(stack, name, { value, description });
  const asks = ({ alias }: StageFunction, payload: Readonly<Record<string, string>>) =>
    `aws lambda invoke --function-name ${alias.functionArn} --cli-binary-format raw-in-base64-out ` +
    `--payload '${JSON.stringify(payload)}' /dev/stdout`;
  output('ApiUrl', apiUrl, 'Where people and pipelines go');
  output('MachineArn', machine, 'One execution for each promotion');
  output('SealerArn', seal.alias.functionArn, 'Asked to begin, to rotate and to retire keys');
  output('SweeperArn', sweep.alias.functionArn, 'Asked to freeze and to release');
  output('Begin', asks(seal, { kind: 'begin' }), 'Once, after the first deploy: seals start, keys and first policy');
  output('Freeze', asks(sweep, { kind: 'freeze', reason: 'say why' }), 'Nothing new is deployed until it is released');
  output('Release', asks(sweep, { kind: 'release', reason: 'say why' }), 'Lets go of a freeze by hand');
}
