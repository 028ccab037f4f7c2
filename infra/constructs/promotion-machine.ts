import { ArnFormat, Aws, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { promotionGraph } from './promotion-graph.ts';
import { policyOf, type Right, TRACES } from './rights.ts';
import type { StageFunction } from './stage-function.ts';
import { LIMITS } from './stages.ts';

export type PromotionMachineProps = {
  readonly stages: { readonly [stage in 'compare' | 'route' | 'approve' | 'seal' | 'release']: StageFunction };
  readonly logRetention: RetentionDays;
  readonly keepLogs: RemovalPolicy;
};

/** Of starting, sending and receiving, beside the function's own time. */
const CALL_SECONDS = 15;

/** Standard, not Express: it waits for people up to a year and takes each step once. */
export class PromotionMachine extends Construct {
  readonly machine: StateMachine;
  /** All its executions. */
  readonly executions: string;

  constructor(scope: Construct, id: string, { stages, logRetention, keepLogs }: PromotionMachineProps) {
    super(scope, id);
    const names = ['compare', 'route', 'approve', 'seal', 'release'] as const;
    const versionOf = (name: (typeof names)[number]) => stages[name].version.functionArn;
    const secondsOf = (name: (typeof names)[number]) => LIMITS[name].timeout.toSeconds() + CALL_SECONDS;
    const graph = promotionGraph(
      Aws.PARTITION,
      {
        compare: versionOf('compare'),
        route: versionOf('route'),
        approve: versionOf('approve'),
        seal: versionOf('seal'),
        release: versionOf('release'),
      },
      { compare: secondsOf('compare'), route: secondsOf('route'), seal: secondsOf('seal'), release: secondsOf('release') },
    );
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') }).withoutPolicyUpdates();
    const policy = policyOf(this, role, [
      {
        actions: ['lambda:InvokeFunction'],
        resources: names.map((name) => `${stages[name].function.functionArn}:*`),
        wide: 'All versions: an execution from before a deploy goes on with older ones, but under this role as it is today.',
      },
      TRACES,
      DELIVERS_LOGS,
    ]);
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(graph)),
      role,
      tracingEnabled: true,
      // Never the data: it holds task tokens, which are as good as keys.
      logs: {
        destination: new LogGroup(this, 'Log', { retention: logRetention, removalPolicy: keepLogs }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    this.machine.node.addDependency(policy);
    this.executions = Stack.of(this).formatArn({
      ...{ service: 'states', resource: 'execution', resourceName: `${this.machine.stateMachineName}:*` },
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }
}

const DELIVERS_LOGS: Right = {
  actions: [
    ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
    ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
  ],
  resources: ['*'],
  wide: 'Step Functions sets up its own log delivery by calls that know no resources (its guide, "Logging using CloudWatch Logs").',
};
