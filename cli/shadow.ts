import type { LogEntry } from '../functions/http/app.ts';
import { decideInput } from '../functions/route/route.ts';
import { createShadow, type Shadow } from '../functions/whatif/shadow.ts';
import { readPackFolder } from './pack-folder.ts';

/** A candidate that does not load is logged and left out: the server exists to decide, not to try things. */
export async function openShadow(folder: string, log: (entry: LogEntry) => void): Promise<Shadow | undefined> {
  try {
    const { pack } = await readPackFolder(folder);
    return createShadow(
      pack.digest,
      (input) => decideInput(pack, input),
      (told) => log({ level: told['event'] === 'shadow' ? 'info' : 'error', ...told }),
    );
  } catch (error) {
    log({ level: 'error', event: 'shadow-not-loaded', error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}
