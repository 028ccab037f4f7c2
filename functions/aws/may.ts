// Which steps of domain/flow.ts each task of the state machine takes. Each step is one task's: what a fault of Compare left undone goes
// back to Compare, which has the time and the memory for it, and not to whoever looks next.
import type { Step } from '../domain/flow.ts';

export const MAY = {
  compare: new Set<Step>(['compare']),
  route: new Set<Step>(['route', 'render', 'settle', 'awaitRationale', 'awaitVotes']),
  seal: new Set<Step>(['seal']),
} as const;
