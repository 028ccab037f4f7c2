import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { StageFunction } from './stage-function.ts';

/** As often as the server that runs without AWS looks (TICK_MS in cli/embedded.ts). */
const EVERY = Duration.minutes(1);

/**
 * The sweep: what stopped half-way, what waits for the clock, and the canary when nothing else was sealed for long. A sweep that
 * failed is not run again: the next one comes in a minute and sees the same rows.
 */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { sweep }: { readonly sweep: StageFunction }) {
    super(scope, id);
    sweep.alias.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: EVERY });
    new Rule(this, 'Sweep', {
      description: 'Looks after what waits, and seals a canary',
      schedule: Schedule.rate(EVERY),
      targets: [new LambdaFunction(sweep.alias, { retryAttempts: 0, maxEventAge: EVERY })],
    });
  }
}
