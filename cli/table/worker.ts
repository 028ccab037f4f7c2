import { parentPort } from 'node:worker_threads';
import { RowFault } from '../../functions/profile/row-fault.ts';
import type { Reply } from './pool.ts';
import { perform, type Task } from './task.ts';

const port = parentPort;
if (!port) throw new Error('this file is a thread of countersign');

port.on('message', async ({ id, task }: { id: number; task: Task }) => {
  try {
    const answer = await perform(task);
    port.postMessage({ id, answer } satisfies Reply, buffersIn(answer));
    // At once: the collector sees a small object and would let many of them wait.
    if (task.kind === 'csv' && task.bytes.buffer instanceof ArrayBuffer) task.bytes.buffer.transfer(0);
  } catch (error) {
    // The class of an error does not cross threads.
    if (error instanceof RowFault) port.postMessage({ id, fault: { problem: error.problem, row: error.row } } satisfies Reply);
    else port.postMessage({ id, error } satisfies Reply);
  }
});

/** What is handed over rather than copied. */
function buffersIn(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) buffersIn(inner, found);
  return [...found];
}
