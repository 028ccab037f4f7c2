import { availableParallelism } from 'node:os';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { Problem } from '../../functions/domain/result.ts';
import { RowFault } from '../../functions/profile/row-fault.ts';
import { type Answers, perform, type Task } from './task.ts';

export type Reply = {
  readonly id: number;
  readonly answer?: Answers[keyof Answers];
  readonly fault?: { readonly problem: Problem; readonly row: number | undefined };
  readonly error?: unknown;
};

type Of<K extends Task['kind']> = Extract<Task, { kind: K }>;

export type Pool = {
  /** How many tasks are worth having under way. */
  readonly ahead: number;
  run<K extends Task['kind']>(task: Of<K>): Promise<Answers[K]>;
  close(): Promise<void>;
};

/** For tables so small that a thread would take longer to start than to do the work. */
export const noPool: Pool = {
  ahead: 1,
  run: async <K extends Task['kind']>(task: Of<K>) => (await perform(task)) as Answers[K],
  close: async () => undefined,
};

type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (error: unknown) => void };

/** A thread per processor, but never many: one disk feeds them all. `limits`: how much a thread may hold before it tidies up. */
export function makePool(limits: ResourceLimits = {}, size = Math.min(availableParallelism(), 8)): Pool {
  const waiting = new Map<number, Waiting>();
  const start = () => new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: limits });
  const workers = Array.from({ length: size }, start);
  let next = 0;
  for (const worker of workers) {
    worker.on('message', ({ id, answer, fault, error }: Reply) => {
      const one = waiting.get(id);
      waiting.delete(id);
      if (fault) one?.reject(new RowFault(fault.problem, fault.row));
      else if (error !== undefined) one?.reject(error);
      else one?.resolve(answer);
    });
    // A thread that dies (out of memory) takes its tasks with it, so all are told.
    worker.on('error', (error) => {
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    });
  }
  return {
    ahead: 2 * size,
    run<K extends Task['kind']>(task: Of<K>): Promise<Answers[K]> {
      const id = next++;
      const answer = new Promise<Answers[K]>((resolve, reject) => {
        waiting.set(id, { resolve: (found) => resolve(found as Answers[K]), reject });
      });
      // Asked for later: until then a refusal must not count as unhandled.
      answer.catch(() => undefined);
      const bytes: Uint8Array | undefined = 'bytes' in task ? task.bytes : undefined;
      workers[id % size]?.postMessage({ id, task }, bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : []);
      return answer;
    },
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

/** Runs what comes, some ahead, and answers in the order in which it came. */
export async function* inOrder<T>(tasks: AsyncIterable<() => Promise<T>>, ahead: number): AsyncGenerator<T> {
  const running: Promise<T>[] = [];
  for await (const task of tasks) {
    running.push(task());
    const first = running.length >= ahead ? running.shift() : undefined;
    if (first) yield await first;
  }
  for (const one of running) yield await one;
}
