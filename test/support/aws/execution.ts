// Walks a promotion as its state machine does (infra/constructs/promotion-graph.ts), with the steps that each function may take, in
// this process: so that what a function does can be counted, and a month played in minutes. The real machine is in test/e2e.
import { MAY } from '../../../functions/aws/may.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import type { State } from '../../../functions/domain/flow.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { drive } from '../../../functions/drive.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import type { DriveWorld } from '../../../functions/packs.ts';
import { readDossier } from '../../../functions/store.ts';
import { waitSecondsOf } from '../../../functions/waits.ts';

export type Walked = {
  /** A state was entered. */
  readonly transition: () => void;
  /** A function was called. */
  readonly invocation: (name: string) => void;
};

/** Who seals asks for the log, and the log's own function comes after it. */
const LATER = { append: async () => undefined };

const NOBODY: Walked = { transition: () => undefined, invocation: () => undefined };

/** Kept by AWS, whatever becomes of the functions: a deploy changes nothing of it. */
export type Kept = { readonly waiting: Map<RequestId, number>; readonly ended: Set<RequestId> };
export const noneKept = (): Kept => ({ waiting: new Map(), ended: new Set() });

export type Executions = {
  /** What the wake function does with a message: starts who is missing, wakes who waits. */
  readonly wake: (id: RequestId) => Promise<void>;
  /** Ends each wait whose time is over at this moment; answers how many. */
  readonly timers: () => Promise<number>;
};

/** After a fault an execution waits so long, and then looks at the rows again. */
const PAUSE_MS = 60_000;

export function executions(
  world: () => DriveWorld,
  { transition, invocation }: Walked = NOBODY,
  kept = noneKept(),
): Executions {
  const { waiting, ended } = kept;
  const now = () => Date.parse(world().clock.now());

  const task = async (name: keyof typeof MAY, id: RequestId): Promise<State> => {
    transition();
    invocation(name);
    return drive({ ...world(), sequencer: LATER }, id, MAY[name]);
  };

  const fromRoute = async (id: RequestId): Promise<void> => {
    let code = await task('route', id);
    transition();
    if (code === 'received') {
      await task('compare', id);
      return fromRoute(id);
    }
    if (code === 'decided') {
      code = await task('seal', id);
      // The queue of the log, one message in its batch.
      invocation('log');
      await appendToLog(world());
    }
    const dossier = await readDossier(world().index, id);
    if (dossier === undefined) throw new Error(`${id} is lost`);
    transition();
    if (code === 'sealed') {
      invocation('release');
      return void ended.add(id);
    }
    invocation('approve');
    waiting.set(id, now() + 1000 * (await waitSecondsOf(world(), dossier, code)));
  };

  /** Every fault is caught, and leads to a pause: nothing of an execution is lost with it. */
  const walked = async (id: RequestId, walk: () => Promise<void>): Promise<void> => {
    waiting.delete(id);
    try {
      await walk();
    } catch (error) {
      if (!(error instanceof InfrastructureError)) throw error;
      waiting.set(id, now() + PAUSE_MS);
    }
  };

  return {
    wake: async (id) => {
      invocation('wake');
      if (ended.has(id)) return;
      const begun = waiting.has(id);
      await walked(id, async () => {
        if (!begun) await task('compare', id);
        await fromRoute(id);
      });
    },
    timers: async () => {
      const at = now();
      const due = [...waiting].filter(([, until]) => until <= at).map(([id]) => id);
      for (const id of due) await walked(id, () => fromRoute(id));
      return due.length;
    },
  };
}
