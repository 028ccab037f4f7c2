// The server of `countersign serve`, put together for tests only: it kills itself, as the kernel would, before or after the
// n-th call that fits CRASH_AT. Nothing is flushed, closed or answered. Without CRASH_AT it is the plain server.
// Usage: node crashing-server.ts DATA, with CRASH_AT="after index.commit screen 1" (moment, operation, what it is on, n).
import { z } from 'zod';
import { startServer } from '../../cli/server.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { type Around, around } from '../support/faults.ts';

const Fault = z.tuple([z.enum(['before', 'after']), z.string(), z.string(), z.coerce.number().int().positive()]);

function crashing(spec: string): Around {
  const [moment, op, on, n] = Fault.parse(spec.split(' '));
  let met = 0;
  return async (call, run) => {
    const fits = call.op === op && (on === '*' || call.on.some((name) => name.startsWith(on)));
    const mine = fits && ++met === n;
    if (mine && moment === 'before') await die();
    const answer = await run();
    if (mine) await die();
    return answer;
  };
}

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}

/** Below the stages: `rows.commit` is where an entry of the journal becomes rows, which no port shows (J2 and J3). */
function crashingRows(hook: Around): void {
  const own = SqliteIndex.prototype.commit;
  SqliteIndex.prototype.commit = function (this: SqliteIndex, writes) {
    return hook({ op: 'rows.commit', on: writes.map(({ key }) => key.sk) }, () => own.call(this, writes));
  };
}

const data = process.argv[2];
const fault = process.env['CRASH_AT'];
if (data === undefined) throw new Error('which data folder?');
if (fault?.includes(' rows.commit ')) crashingRows(crashing(fault));
await startServer(
  { data, demo: true, log: ({ level, event, error }) => level === 'error' && console.error(event, error) },
  (stores) => (fault === undefined ? stores : around(stores, crashing(fault))),
);
