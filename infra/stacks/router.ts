import { Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Role } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { type Config, functionConfigOf } from '../config.ts';
import { consumes, drives, type Stores, writesPrivate } from '../constructs/access.ts';
import { Alarms } from '../constructs/alarms.ts';
import { Api } from '../constructs/api.ts';
import { Dashboard } from '../constructs/dashboard.ts';
import { PromotionMachine } from '../constructs/promotion-machine.ts';
import { WorkQueue } from '../constructs/queues.ts';
import { Schedules } from '../constructs/schedules.ts';
import { type Runs, StageFunction } from '../constructs/stage-function.ts';
import { LIMITS, Stages } from '../constructs/stages.ts';
import { watchesOf } from '../constructs/watches.ts';
import type { Evidence } from './evidence.ts';
import { routerOutputs } from './outputs.ts';

export type RouterProps = StackProps & {
  readonly config: Config;
  readonly evidence: Evidence;
  /** The policy pack of the start. */
  readonly pack: string;
  readonly runs: Runs;
};

/** The most that one call takes out of a queue. */
const BATCH = 10;

/** What runs. Nothing here is evidence: it may be destroyed and deployed again, and goes on from the rows. */
export class Router extends Stack {
  constructor(scope: Construct, id: string, props: RouterProps) {
    super(scope, id, props);
    const { config, evidence, runs } = props;
    const stores = evidence.arns();
    const api = new Api(this, 'Api', { name: config.name, issuer: config.issuer, ...runs });
    const bus = new EventBus(this, 'Bus', { eventBusName: config.name, description: 'What was sealed, for whoever listens' });
    const wakes = new WorkQueue(this, 'Wakes', { fifo: false, worker: LIMITS.wake.timeout });
    const toLog = new WorkQueue(this, 'ToLog', { fifo: true, worker: LIMITS.log.timeout });
    const told = this.#told(props, stores, api);
    const stages = new Stages(this, 'Stages', {
      ...{ runs, stores, wakes, toLog, bus, told, pack: props.pack },
      // By name, so that what they may here is written here and not into the stack that outlives this one.
      sealRole: Role.fromRoleName(this, 'SealRole', evidence.sealRole.roleName, { mutable: false }),
      logRole: Role.fromRoleName(this, 'LogRole', evidence.logRole.roleName, { mutable: false }),
      secretArn: Secret.fromSecretNameV2(this, 'ConsoleClient', config.clientSecretName).secretArn,
    });
    const { compare, route, approve, seal, release } = stages;
    const { machine, executions } = new PromotionMachine(this, 'Promotion', {
      stages: { compare, route, approve, seal, release },
      ...runs,
    });
    const wake = new StageFunction(this, 'Wake', {
      ...{ runs, stage: 'wake', does: 'Starts a promotion’s execution, or wakes it', ...LIMITS.wake },
      may: [
        writesPrivate(stores, 'TOKEN#*'),
        consumes(wakes.queue),
        ...drives({ stateMachineArn: machine.stateMachineArn, executions }),
      ],
      environment: {
        COUNTERSIGN_PRIVATE_TABLE: evidence.private.tableName,
        COUNTERSIGN_MACHINE: machine.stateMachineArn,
      },
    });
    wake.alias.addEventSource(new SqsEventSource(wakes.queue, { batchSize: BATCH, reportBatchItemFailures: true }));
    stages.log.alias.addEventSource(new SqsEventSource(toLog.queue, { batchSize: BATCH }));
    api.serveBy(stages.api);
    new Schedules(this, 'Schedules', { sweep: stages.sweep });
    const watched = {
      http: api.http,
      machine,
      wakes,
      log: toLog,
      sealer: seal,
      logger: stages.log,
      sweeper: stages.sweep,
      name: config.name,
    };
    const alarms = new Alarms(this, 'Alarms', config, watchesOf(watched));
    const { api: http, log, sweep } = stages;
    new Dashboard(this, 'Dashboard', {
      ...{ ...watched, alarms },
      about: `Model promotions of ${config.organisation} (${config.class}). Retention: ${config.retentionOwner}, ${config.retention.years} years.`,
      functions: { api: http, compare, route, approve, wake, seal, log, release, sweep },
    });
    routerOutputs(this, { apiUrl: api.http.apiEndpoint, machine: machine.stateMachineArn, seal, sweep });
  }

  #told({ config, evidence }: RouterProps, { sealKeys, logKeys }: Stores, api: Api): Readonly<Record<string, string>> {
    return {
      COUNTERSIGN_TABLE: evidence.index.tableName,
      COUNTERSIGN_PRIVATE_TABLE: evidence.private.tableName,
      COUNTERSIGN_BUCKET: evidence.bucket.bucketName,
      COUNTERSIGN_SEAL_KEY: sealKeys.join(','),
      COUNTERSIGN_LOG_KEY: logKeys.join(','),
      COUNTERSIGN_LOG_ORIGIN: config.logOrigin,
      COUNTERSIGN_CLASS: config.class,
      COUNTERSIGN_CONFIG: this.toJsonString({ baseUrl: api.http.apiEndpoint, ...functionConfigOf(config) }),
    };
  }
}
