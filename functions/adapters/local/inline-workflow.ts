import type { RequestId } from '../../domain/request.ts';
import type { Workflow } from '../../ports.ts';

/**
 * Runs requests forward in this process, one after the other. It remembers nothing: a lost wake is made good by the sweep at
 * the next tick or start, because all that matters is in the rows.
 */
export class InlineWorkflow implements Workflow {
  readonly #drive: (request: RequestId) => Promise<void>;
  readonly #failed: (request: RequestId, error: unknown) => void;
  readonly #waiting = new Set<RequestId>();
  #running: Promise<void> | undefined;

  constructor(drive: (request: RequestId) => Promise<void>, failed: (request: RequestId, error: unknown) => void) {
    this.#drive = drive;
    this.#failed = failed;
  }

  wake(request: RequestId): void {
    this.#waiting.add(request);
    this.#running ??= this.#run();
  }

  /** Answers when nothing is left to run now. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // A later turn of the event loop, so that wake never runs anything before its caller has answered.
    await new Promise((resolve) => setImmediate(resolve));
    for (const request of this.#waiting) {
      this.#waiting.delete(request);
      try {
        await this.#drive(request);
      } catch (error) {
        this.#failed(request, error);
      }
    }
    this.#running = undefined;
    if (this.#waiting.size > 0) this.#running = this.#run();
  }
}
