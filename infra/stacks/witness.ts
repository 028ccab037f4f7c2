import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { readsRows, signsWith, writesRows } from '../constructs/access.ts';
import { Alarms, FIVE_MINUTES } from '../constructs/alarms.ts';
import { stageOf } from '../constructs/api.ts';
import { IndexTable } from '../constructs/index-table.ts';
import { CHECKPOINTS, SigningKey } from '../constructs/sealing-keys.ts';
import { type Runs, StageFunction } from '../constructs/stage-function.ts';
import { asks } from './outputs.ts';

export type WitnessProps = StackProps & {
  readonly config: Config & { readonly witness: NonNullable<Config['witness']> };
  readonly runs: Runs;
};

/** A second a checkpoint is more than any log sends. */
const THROTTLE = { rateLimit: 5, burstLimit: 20 };

/**
 * For a second account, under other administrators: it remembers each log's last tree and cosigns only what that grew into. Its
 * memory and its key are made together and never again: a new memory under an old key would cosign a fork.
 */
export class Witness extends Stack {
  constructor(scope: Construct, id: string, props: WitnessProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { config, runs } = props;
    const { witness, breakGlassRole } = config;
    const memory = new IndexTable(this, 'Memory').table;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const { key } = new SigningKey(this, 'WitnessKey', {
      ...{ description: `${witness.name}: cosigns checkpoints`, signing: CHECKPOINTS, signer: role, breakGlassRole },
    });
    const cosigner = new StageFunction(this, 'Witness', {
      ...{ runs, stage: 'witness', does: 'Cosigns what a log grew into', role: role.withoutPolicyUpdates() },
      ...{ memoryMb: 512, timeout: Duration.seconds(10) },
      may: [
        readsRows(memory.tableArn),
        writesRows(memory.tableArn),
        { actions: ['kms:GetPublicKey'], resources: [key.keyArn] },
        signsWith([key.keyArn], CHECKPOINTS),
      ],
      environment: {
        COUNTERSIGN_TABLE: memory.tableName,
        COUNTERSIGN_WITNESS_KEY: key.keyArn,
        COUNTERSIGN_WITNESS_NAME: witness.name,
        COUNTERSIGN_LOGS: witness.logs.join(' '),
        COUNTERSIGN_CLASS: config.class,
      },
    });
    const http = new HttpApi(this, 'Http', { apiName: id, createDefaultStage: false });
    stageOf(this, http, { ...runs, throttle: THROTTLE });
    const integration = new HttpLambdaIntegration('App', cosigner.alias);
    const routes = [
      ...http.addRoutes({ path: '/add-checkpoint', methods: [HttpMethod.POST], integration }),
      ...http.addRoutes({ path: '/healthz', methods: [HttpMethod.GET], integration }),
    ];
    for (const route of routes)
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'A checkpoint is signed by its log, which the witness verifies; anybody may bring it (c2sp.org/tlog-witness).',
      });
    new Alarms(this, 'Alarms', { alarmTopic: witness.alarmTopic }, [
      {
        id: 'WitnessFails',
        title: 'The witness fails',
        do: 'Trees are not cosigned, and gates that ask for it say no. Read its log; never give it an empty table.',
        metric: cosigner.function.metricErrors({ period: FIVE_MINUTES, statistic: Stats.SUM }),
        from: 1,
      },
    ]);
    const output = (name: string, value: string, description: string) => new CfnOutput(this, name, { value, description });
    output('Url', http.apiEndpoint, 'For `witnesses` in the configuration of the log');
    output(
      'Vkey',
      asks(cosigner.alias.functionArn, { kind: 'vkey' }),
      'Tells its vkey: for the same place, and for trust files',
    );
  }
}
