import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Runtime, Tracing, type Version } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { withFolders } from './bundling.ts';
import { policyOf, type Right, TRACES } from './rights.ts';

/** What is the same for all functions of a deployment. */
export type Runs = {
  readonly logRetention: RetentionDays;
  readonly keepLogs: RemovalPolicy;
  /** The folder that has the handlers, one folder each. */
  readonly functions: string;
  /** For tests: endpoints of an emulator. */
  readonly more: Readonly<Record<string, string>>;
};

export type StageFunctionProps = {
  readonly runs: Runs;
  /** Folder of its handler. */
  readonly stage: string;
  readonly does: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  readonly may: readonly Right[];
  /** Of the evidence stack, where key and vault name it; without one it gets its own. */
  readonly role?: IRole;
  readonly concurrency?: number;
  /** Folders that stand beside its code, by name. */
  readonly beside?: Readonly<Record<string, string>>;
};

/**
 * One function, one role, one log. Who calls it calls a version or the alias that moves from version to version. Versions are kept:
 * an execution that waits for people goes on with the code that it began with (a deploy between two votes would end it).
 */
export class StageFunction extends Construct {
  readonly function: NodejsFunction;
  readonly version: Version;
  readonly log: LogGroup;
  readonly alias: IFunction;

  constructor(scope: Construct, id: string, props: StageFunctionProps) {
    super(scope, id);
    const { runs, stage } = props;
    const role = props.role ?? roleOf(this, stage);
    this.log = new LogGroup(this, 'Log', { retention: runs.logRetention, removalPolicy: runs.keepLogs });
    const policy = policyOf(this, role, [...props.may, TRACES, writesLog(this.log)]);
    this.function = new NodejsFunction(this, 'Function', {
      description: props.does,
      entry: `${runs.functions}/${stage}/handler.ts`,
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role,
      logGroup: this.log,
      tracing: Tracing.ACTIVE,
      environment: { ...props.environment, ...runs.more },
      bundling: withFolders(props.beside ?? {}),
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
      ...(props.concurrency === undefined ? {} : { reservedConcurrentExecutions: props.concurrency }),
    });
    this.function.node.addDependency(policy);
    this.version = this.function.currentVersion;
    // The library is written without exactOptionalPropertyTypes: its own Alias does not fit its own IFunction.
    this.alias = this.function.addAlias('live') as IFunction;
  }
}

/** Nobody adds to its one policy: no grant of the library, of which some are wide. */
const roleOf = (scope: Construct, stage: string): IRole =>
  new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `Function ${stage}`,
  }).withoutPolicyUpdates();

const writesLog = ({ logGroupArn }: LogGroup): Right => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [logGroupArn],
});
