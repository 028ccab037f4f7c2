// Imitates a workflow that runs a request when it is told to (InlineWorkflow, Step Functions): a wake carries the id and nothing
// else, and what was woken may be forgotten. Held to the same law in test/contract.
import type { RequestId } from '../../../functions/domain/request.ts';
import type { Workflow } from '../../../functions/ports.ts';

export function memoryWorkflow(
  drive: (id: RequestId) => Promise<unknown>,
): Workflow & { readonly woken: Set<RequestId>; readonly idle: () => Promise<void> } {
  const woken = new Set<RequestId>();
  const idle = async (): Promise<void> => {
    for (const id of woken) {
      woken.delete(id);
      await drive(id);
    }
    if (woken.size > 0) await idle();
  };
  return { woken, wake: (id) => void woken.add(id), idle };
}
