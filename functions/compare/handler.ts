// First task of the state machine: compares the candidate with what it would replace.
import { driving, openedFor } from '../aws/task.ts';

export const handler = driving('compare', new Set(['compare']), openedFor({}));
