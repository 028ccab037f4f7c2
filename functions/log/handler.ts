// The sequencer, one at a time: each message says that something sealed may wait for the log. Then witnesses are asked, beside it.
import { witnessAt } from '../adapters/local/http-witness.ts';
import { logLine, told } from '../aws/stage.ts';
import { openedFor } from '../aws/task.ts';
import { appendToLog } from './append.ts';
import { cosign } from './cosign.ts';

const open = openedFor({});

/** All messages of a batch mean the same, so they fail together and come again. */
export const handler = async (): Promise<void> =>
  told('log', {}, async () => {
    const world = await open();
    await appendToLog(world);
    const witnesses = (world.settings.witnesses ?? []).map(({ url, vkey }) => {
      const witness = witnessAt(url, vkey);
      if (!witness.ok) throw new Error(`this function is configured wrongly: ${vkey} is no key of a witness`);
      return witness.value;
    });
    // Who does not answer is asked again at the next message, which the sweep sends each minute.
    for (const { witness, kind, detail } of await cosign(world, witnesses))
      logLine({ level: kind === 'fork' ? 'error' : 'warning', event: 'witness', witness, kind, detail });
  });
