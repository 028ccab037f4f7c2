// What somebody is called for. Each says what it means and what to do; the dashboard prints the same words.

import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type IFilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { FIVE_MINUTES, type Watch } from './alarms.ts';
import type { WorkQueue } from './queues.ts';
import type { StageFunction } from './stage-function.ts';

export type Watched = {
  readonly name: string;
  readonly http: HttpApi;
  readonly machine: StateMachine;
  readonly wakes: WorkQueue;
  readonly log: WorkQueue;
  readonly sealer: StageFunction;
  readonly logger: StageFunction;
  readonly sweeper: StageFunction;
};

/** Of a wake: then people wait longer than a page takes to load again. */
const OLD_WAKE_SECONDS = 300;

/** Lines that a function writes about itself, counted. */
function counted({ log }: StageFunction, deployment: string, metricName: string, pattern: IFilterPattern): Metric {
  const metricNamespace = `Countersign/${deployment}`;
  new MetricFilter(log, metricName, { logGroup: log, metricNamespace, metricName, filterPattern: pattern, metricValue: '1' });
  return new Metric({ namespace: metricNamespace, metricName, period: FIVE_MINUTES, statistic: Stats.SUM });
}

const is = (field: string, value: string) => FilterPattern.stringValue(`$.${field}`, '=', value);

export function watchesOf({ name, http, machine, wakes, log, sealer, logger, sweeper }: Watched): Watch[] {
  const period = FIVE_MINUTES;
  const sum = { period, statistic: Stats.SUM };
  return [
    {
      id: 'SealFails',
      title: 'Sealing fails',
      do: 'Nothing new may be deployed while it does. Read the log of function seal: KMS and S3 say why. What is frozen in rows is sealed by the next try; nothing is lost.',
      metric: sealer.function.metricErrors(sum),
      from: 1,
    },
    {
      id: 'CanaryMissing',
      title: 'Nobody looks whether sealing works',
      do: 'The sweep, which seals a canary when nothing else was sealed, did not finish for ten minutes. Read the log of function sweep; then GET /healthz.',
      metric: counted(sweeper, name, 'HealthLooks', is('event', 'health')),
      from: 1,
      periods: 2,
      silence: true,
    },
    {
      id: 'Frozen',
      title: 'The store is frozen',
      do: 'Canaries were not sealed, or an operator froze it. New deploys wait, what is approved stays. GET /healthz says since when and why; it thaws by itself when canaries come through.',
      metric: counted(sweeper, name, 'Frozen', FilterPattern.all(is('event', 'health'), is('state', 'FROZEN'))),
      from: 1,
    },
    {
      id: 'SweepFaults',
      title: 'The sweep meets faults',
      do: 'Its log has them, level error: a registry that does not answer, an alias that points elsewhere than what was sealed, or a store.',
      metric: counted(sweeper, name, 'SweepFaults', is('level', 'error')),
      from: 1,
      periods: 3,
    },
    {
      id: 'LogFails',
      title: 'The log does not append',
      do: 'Events are sealed but not proven. If its log says that bytes differ, stop: that is a fork, and the security team is called. Otherwise it goes on by itself.',
      metric: logger.function.metricErrors(sum),
      from: 1,
      periods: 2,
    },
    {
      id: 'ExecutionsFail',
      title: 'A promotion’s execution ended without a sealed outcome',
      do: 'Its rows are whole and the next wake starts another one. Find it in the console of Step Functions under Failed, and read the state it died in.',
      metric: machine.metricFailed(sum),
      from: 1,
    },
    {
      id: 'ExecutionsTimeOut',
      title: 'A promotion’s execution ran out of time',
      do: 'As for a failed one. A year is its limit; people who are asked that long are asked by a new request.',
      metric: machine.metricTimedOut(sum),
      from: 1,
    },
    {
      id: 'ExecutionsAborted',
      title: 'Somebody stopped a promotion’s execution',
      do: 'Ask who: CloudTrail has StopExecution. The next wake starts another one.',
      metric: machine.metricAborted(sum),
      from: 1,
    },
    {
      id: 'WakesDead',
      title: 'A wake could not be delivered',
      do: 'Read the message, it names the request; mend the cause, then start the redrive of the queue. The sweep wakes that request meanwhile.',
      metric: wakes.dead.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      from: 1,
    },
    {
      id: 'LogDead',
      title: 'A message to the log could not be worked off',
      do: 'Read the log of function log, mend the cause, then start the redrive. The message says only “append”; what waits stands in rows.',
      metric: log.dead.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }),
      from: 1,
    },
    {
      id: 'WakesLate',
      title: 'Approvals are taken, and nothing goes on',
      do: 'The oldest wake has waited for minutes. Look whether function wake is throttled (concurrency of the account) or fails.',
      metric: wakes.queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
      from: OLD_WAKE_SECONDS,
    },
    {
      id: 'ApiFails',
      title: 'The API answers 5xx',
      do: 'GET /healthz says whether the store is frozen (then 503 is meant so). If not, read the log of function api.',
      metric: http.metricServerError({ period, statistic: Stats.SUM }),
      from: 5,
    },
  ];
}
