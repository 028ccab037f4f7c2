// The task between any two waits: routes, renders, counts, and lets policy or the clock decide. Never seals.
import { driving, openedFor } from '../aws/task.ts';

export const handler = driving(
  'route',
  new Set(['compare', 'route', 'render', 'settle', 'awaitRationale', 'awaitVotes']),
  openedFor({}),
);
