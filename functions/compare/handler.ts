// First task of the state machine: compares the candidate with what it would replace.
import { MAY } from '../aws/may.ts';
import { driving, openedFor } from '../aws/task.ts';

export const handler = driving('compare', MAY.compare, openedFor({}));
