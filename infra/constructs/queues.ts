import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** How often a message is tried before somebody has to look at it. */
const ATTEMPTS = 5;
/** AWS asks for six times the function's own time, for workers that are called too often. */
const TIMES = 6;
/** One group has one worker at a time; and until a batch that failed is seen again, everything behind it waits. */
const IN_LINE_SECONDS = 15;
const KEPT = Duration.days(14);

export type WorkQueueProps = { readonly fifo: boolean; readonly worker: Duration };

/** A queue and where its messages end that nobody could work off. Both hold ids only; what they ask for is in the rows anyway. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly dead: Queue;

  constructor(scope: Construct, id: string, { fifo, worker }: WorkQueueProps) {
    super(scope, id);
    const same: QueueProps = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: KEPT,
      // Two messages with one text are two: the second may stand for what came after the first was read.
      ...(fifo ? { fifo: true, contentBasedDeduplication: false } : {}),
    };
    this.dead = new Queue(this, 'Dead', same);
    this.queue = new Queue(this, 'Queue', {
      ...same,
      visibilityTimeout: Duration.seconds(fifo ? worker.toSeconds() + IN_LINE_SECONDS : worker.toSeconds() * TIMES),
      deadLetterQueue: { queue: this.dead, maxReceiveCount: ATTEMPTS },
    });
  }
}
