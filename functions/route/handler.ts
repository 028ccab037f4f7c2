// The task between any two waits: routes, renders, counts, and lets policy or the clock decide. Never compares, never seals.
import { MAY } from '../aws/may.ts';
import { driving, openedFor } from '../aws/task.ts';

export const handler = driving('route', MAY.route, openedFor({}));
