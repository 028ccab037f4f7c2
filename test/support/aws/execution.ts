// Walks a promotion as its state machine does (infra/constructs/promotion-graph.ts), with the steps that each function may take, in
// this process: so that what a function does can be counted, and a month played in minutes. The real machine is in test/e2e.
import type { Step } from '../../../functions/domain/flow.ts';
import type { RequestId } from '../../../functions/domain/request.ts';
import { drive } from '../../../functions/drive.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import type { DriveWorld } from '../../../functions/packs.ts';
import { readDossier } from '../../../functions/store.ts';
import { waitSecondsOf } from '../../../functions/waits.ts';

/** Steps of the handlers of these names. */
const MAY = {
  compare: new Set<Step>(['compare']),
  route: new Set<Step>(['compare', 'route', 'render', 'settle', 'awaitRationale', 'awaitVotes']),
  seal: new Set<Step>(['seal']),
};

export type Walked = {
  /** A state was entered. */
  readonly transition: () => void;
  /** A function was called. */
  readonly invocation: (name: string) => void;
};

/** Who seals asks for the log, and the log's own function comes after it. */
const LATER = { append: async () => undefined };

const NOBODY: Walked = { transition: () => undefined, invocation: () => undefined };

export type Executions = {
  /** What the wake function does with a message: starts who is missing, wakes who waits. */
  readonly wake: (id: RequestId) => Promise<void>;
  /** Ends each wait whose time is over at this moment; answers how many. */
  readonly timers: () => Promise<number>;
  /** Those that wait for a token, and until when. */
  readonly waiting: ReadonlyMap<RequestId, number>;
};

export function executions(world: () => DriveWorld, { transition, invocation }: Walked = NOBODY): Executions {
  const waiting = new Map<RequestId, number>();
  const ended = new Set<RequestId>();

  const task = async (name: keyof typeof MAY, id: RequestId): Promise<string> => {
    transition();
    invocation(name);
    return drive({ ...world(), sequencer: LATER }, id, MAY[name]);
  };

  const fromRoute = async (id: RequestId): Promise<void> => {
    let code = await task('route', id);
    transition();
    if (code === 'decided') {
      code = await task('seal', id);
      // The queue of the log, one message in its batch.
      invocation('log');
      await appendToLog(world());
    }
    if (code === 'sealed') {
      transition();
      invocation('release');
      await readDossier(world().index, id);
      ended.add(id);
      return;
    }
    const dossier = await readDossier(world().index, id);
    if (dossier === undefined) throw new Error(`${id} is lost`);
    transition();
    invocation('approve');
    const state = code as Parameters<typeof waitSecondsOf>[2];
    waiting.set(id, Date.parse(world().clock.now()) + 1000 * (await waitSecondsOf(world(), dossier, state)));
  };

  const again = (id: RequestId): Promise<void> => {
    waiting.delete(id);
    return fromRoute(id);
  };

  return {
    waiting,
    wake: async (id) => {
      invocation('wake');
      if (ended.has(id)) return;
      if (waiting.has(id)) return again(id);
      await task('compare', id);
      await fromRoute(id);
    },
    timers: async () => {
      const now = Date.parse(world().clock.now());
      const due = [...waiting].filter(([, until]) => until <= now).map(([id]) => id);
      for (const id of due) await again(id);
      return due.length;
    },
  };
}
