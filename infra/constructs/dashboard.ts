import { AlarmStatusWidget, Dashboard as Board, GraphWidget, Stats, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Alarms } from './alarms.ts';
import type { StageFunction } from './stage-function.ts';
import type { Watched } from './watches.ts';

export type DashboardProps = Watched & {
  readonly about: string;
  readonly alarms: Alarms;
  readonly functions: Readonly<Record<string, StageFunction>>;
};

const WIDE = 24;
const HALF = 12;

/** First what is wrong and what to do then, in words; then the figures, in the order in which a promotion meets them. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { alarms, functions, machine, wakes, log, http } = props;
    const each = Object.entries(functions);
    const help = alarms.alarms.map(({ watch }) => `**${watch.title}.** ${watch.do}`).join('\n\n');
    const graph = (title: string, ...left: ConstructorParameters<typeof GraphWidget>[0]['left'] & object) =>
      new GraphWidget({ title, left, width: HALF });
    new Board(this, 'Board', {
      dashboardName: props.name,
      widgets: [
        [new TextWidget({ markdown: `# ${props.name}\n${props.about}`, width: WIDE, height: 2 })],
        [
          new AlarmStatusWidget({
            title: 'Red: somebody is needed',
            alarms: alarms.alarms.map(({ alarm }) => alarm),
            width: WIDE,
          }),
        ],
        [
          graph(
            'Promotions: begun, ended, broken',
            machine.metricStarted({ statistic: Stats.SUM }),
            machine.metricSucceeded({ statistic: Stats.SUM }),
            machine.metricFailed({ statistic: Stats.SUM }),
          ),
          graph(
            'API: requests and faults',
            http.metricCount({ statistic: Stats.SUM }),
            http.metricClientError({ statistic: Stats.SUM }),
            http.metricServerError({ statistic: Stats.SUM }),
          ),
        ],
        [
          graph('Faults by function', ...each.map(([label, { function: one }]) => one.metricErrors({ label }))),
          graph(
            'Milliseconds by function, 99 of 100',
            ...each.map(([label, { function: one }]) => one.metricDuration({ label, statistic: 'p99' })),
          ),
        ],
        [
          graph('Called too often (throttled)', ...each.map(([label, { function: one }]) => one.metricThrottles({ label }))),
          graph(
            'Seconds that the oldest message waits',
            wakes.queue.metricApproximateAgeOfOldestMessage({ label: 'wakes' }),
            log.queue.metricApproximateAgeOfOldestMessage({ label: 'log' }),
          ),
        ],
        [new TextWidget({ markdown: `## What to do\n${help}`, width: WIDE, height: 12 })],
      ],
    });
  }
}
