// The sequencer, one at a time: each message says that something sealed may wait for the log.

import { told } from '../aws/stage.ts';
import { openedFor } from '../aws/task.ts';
import { appendToLog } from './append.ts';

const open = openedFor({});

/** All messages of a batch mean the same, so they fail together and come again. */
export const handler = async (): Promise<void> => told('log', {}, async () => appendToLog(await open()));
