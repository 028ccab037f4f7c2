// A running execution waits with one token per request. The token only wakes: what follows from votes is in the rows, and who
// holds the token directly only makes the machine look at them once more.
import type { RequestId } from '../domain/request.ts';

/**
 * LAW: what was put is there until it is cleared; a newer token replaces an older one. `mark`: somebody wanted to wake it while no
 * token was there. It stays until it is taken. A token is a bearer secret: it stands in no log, link or answer.
 */
export interface TaskTokens {
  put(request: RequestId, token: string): Promise<void>;
  get(request: RequestId): Promise<string | undefined>;
  /** Only this one: the next wait may have put its own meanwhile. */
  clear(request: RequestId, token: string): Promise<void>;
  mark(request: RequestId): Promise<void>;
  takeMark(request: RequestId): Promise<boolean>;
}

/** Executions by name. LAW: start under a name that exists does nothing. `gone`: the token is over, used or of no execution. */
export interface Machine {
  status(name: string): Promise<'running' | 'done' | 'broken' | undefined>;
  start(name: string, request: RequestId): Promise<void>;
  succeed(token: string, request: RequestId): Promise<'woken' | 'gone'>;
}

/** A name is taken for 90 days. Each further one means that an execution broke, which an alarm tells. */
const MAX_EXECUTIONS = 100;

/**
 * Makes sure that somebody looks at the request now: wakes who waits, starts who is missing. Safe to do twice. Who is running and
 * has no token yet is about to wait: the mark tells it not to.
 */
export async function wake(tokens: TaskTokens, machine: Machine, request: RequestId): Promise<void> {
  if (await wakeWaiting(tokens, machine, request)) return;
  for (let attempt = 1; attempt <= MAX_EXECUTIONS; attempt++) {
    const name = attempt === 1 ? request : `${request}-${attempt}`;
    const status = await machine.status(name);
    if (status === 'done') return;
    if (status === 'broken') continue;
    if (status === undefined) return machine.start(name, request);
    await tokens.mark(request);
    // It may have put its token just before the mark, and then never saw it.
    await wakeWaiting(tokens, machine, request);
    return;
  }
  throw new Error(`broken invariant: ${request} broke ${MAX_EXECUTIONS} executions`);
}

async function wakeWaiting(tokens: TaskTokens, machine: Machine, request: RequestId): Promise<boolean> {
  const token = await tokens.get(request);
  if (token === undefined) return false;
  const answer = await machine.succeed(token, request);
  await tokens.clear(request, token);
  return answer === 'woken';
}

/** The waiting task: keeps its token, and answers whether somebody wanted to wake it before it was there. */
export async function hold(tokens: TaskTokens, request: RequestId, token: string): Promise<'waits' | 'wakeNow'> {
  await tokens.put(request, token);
  return (await tokens.takeMark(request)) ? 'wakeNow' : 'waits';
}
