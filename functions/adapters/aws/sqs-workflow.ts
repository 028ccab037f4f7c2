import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { InfrastructureError } from '../../domain/errors.ts';
import type { RequestId } from '../../domain/request.ts';
import type { Workflow } from '../../ports.ts';
import { asking } from './fault.ts';

/** As many as SQS takes at once. */
const BATCH = 10;

type Failed = (request: RequestId, error: unknown) => void;

/**
 * Wakes go into a queue, and a function of its own takes them out: who wakes needs no right over executions. A wake that cannot be
 * sent is told to `failed` and otherwise lost, which the port allows: the sweep finds what stands still.
 */
export class SqsWorkflow implements Workflow {
  readonly #client: SQSClient;
  readonly #queue: string;
  readonly #failed: Failed;
  readonly #waiting = new Set<RequestId>();
  #running: Promise<void> | undefined;

  /** `queue`: its URL. */
  constructor(client: SQSClient, queue: string, failed: Failed) {
    this.#client = client;
    this.#queue = queue;
    this.#failed = failed;
  }

  wake(request: RequestId): void {
    this.#waiting.add(request);
    this.#running ??= this.#run();
  }

  /** Answers when nothing is left to send. A function must wait for it: once it has answered it may be stopped at any point. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // A later turn of the event loop, so that what one step wakes twice is sent once, and before none of it has ended.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH);
      for (const request of batch) this.#waiting.delete(request);
      await this.#send(batch);
    }
    this.#running = undefined;
  }

  async #send(batch: readonly RequestId[]): Promise<void> {
    const Entries = batch.map((request, i) => ({ Id: String(i), MessageBody: JSON.stringify({ request }) }));
    try {
      const sent = { QueueUrl: this.#queue, Entries };
      const { Failed = [] } = await asking('send a wake', () => this.#client.send(new SendMessageBatchCommand(sent)));
      for (const { Id, Code, SenderFault } of Failed) {
        const request = batch[Number(Id)];
        const error = new InfrastructureError(`cannot send a wake: ${Code}`, { retryable: SenderFault !== true });
        if (request !== undefined) this.#failed(request, error);
      }
    } catch (error) {
      for (const request of batch) this.#failed(request, error);
    }
  }
}
