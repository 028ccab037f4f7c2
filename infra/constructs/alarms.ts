import { Duration } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** Read by somebody who was woken: what it means, and what to do. */
export type Watch = {
  readonly id: string;
  readonly title: string;
  readonly do: string;
  readonly metric: IMetric;
  /** The figure from which on it is wrong. */
  readonly from: number;
  /** In so many periods one after the other. */
  readonly periods?: number;
  /** Wrong when it is below the figure, or there is none at all. */
  readonly silence?: boolean;
};

export type Calls = { readonly alarmTopic?: string | undefined; readonly alarmEmail?: string | undefined };

export class Alarms extends Construct {
  readonly alarms: readonly { readonly alarm: Alarm; readonly watch: Watch }[];

  constructor(scope: Construct, id: string, calls: Calls, watches: readonly Watch[]) {
    super(scope, id);
    const topic = this.#topic(calls);
    this.alarms = watches.map((watch) => {
      const alarm = new Alarm(this, watch.id, propsOf(watch));
      if (topic !== undefined) {
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
      }
      return { alarm, watch };
    });
  }

  #topic({ alarmTopic, alarmEmail }: Calls): ITopic | undefined {
    if (alarmTopic !== undefined) return Topic.fromTopicArn(this, 'Topic', alarmTopic);
    if (alarmEmail === undefined) return undefined;
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }
}

const propsOf = ({ title, do: what, metric, from, periods = 1, silence = false }: Watch): AlarmProps => ({
  alarmDescription: `${title}. ${what}`,
  metric,
  threshold: from,
  evaluationPeriods: periods,
  comparisonOperator: silence ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  treatMissingData: silence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
});

export const FIVE_MINUTES = Duration.minutes(5);
