// The one thing Step Functions cannot promise: that a vote which arrives while nobody waits yet is seen. Every interleaving of two
// who wake and one execution that works and waits must end with the execution having looked after the last vote.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestId } from '../../../functions/domain/request.ts';
import { hold, type Machine, type TaskTokens, wake } from '../../../functions/wake/wake.ts';

const ID = `req-${'a'.repeat(26)}` as RequestId;

/** Private table and Step Functions as their documentation has them; each call takes as long as the schedule says. */
function account(step: <T>(name: string, work: () => T) => Promise<T>) {
  let token: string | undefined;
  let mark = false;
  const executions = new Map<string, 'running' | 'done' | 'broken'>();
  const waiting = new Map<string, () => void>();
  const tokens: TaskTokens = {
    put: (_, given) =>
      step('put', () => {
        token = given;
      }),
    get: () => step('get', () => token),
    clear: (_, given) =>
      step('clear', () => {
        if (token === given) token = undefined;
      }),
    mark: () =>
      step('mark', () => {
        mark = true;
      }),
    takeMark: () =>
      step('takeMark', () => {
        const was = mark;
        mark = false;
        return was;
      }),
  };
  const started: string[] = [];
  const machine: Machine = {
    status: (name) => step('status', () => executions.get(name)),
    start: (name) =>
      step('start', () => {
        if (executions.has(name)) return;
        executions.set(name, 'running');
        started.push(name);
      }),
    succeed: (given) =>
      step('succeed', () => {
        const go = waiting.get(given);
        waiting.delete(given);
        go?.();
        return go === undefined ? 'gone' : 'woken';
      }),
  };
  return { tokens, machine, executions, waiting, started };
}

describe('R49 the last vote wakes', () => {
  it('whatever the order: nobody waits while there is something to look at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { tokens, machine, executions, waiting } = account((name, work) =>
          scheduler.schedule(Promise.resolve(name)).then(work),
        );
        let facts = 0;
        let seen = 0;
        executions.set(ID, 'running');
        let waits = 0;
        /** Looks, waits with a token, looks again: the loop of the state machine. */
        const execution = async () => {
          for (;;) {
            await scheduler.schedule(Promise.resolve('look'));
            seen = facts;
            if (seen === 2) return;
            const token = `token-${++waits}`;
            const woken = new Promise<void>((resolve) => waiting.set(token, resolve));
            // As the approve function: who is told to wake at once does so through the queue.
            if ((await hold(tokens, ID, token)) === 'wakeNow') void wake(tokens, machine, ID);
            await woken;
          }
        };
        const voter = async () => {
          await scheduler.schedule(Promise.resolve('vote'));
          facts++;
          await wake(tokens, machine, ID);
        };
        let over = false;
        const all = Promise.all([execution(), voter(), voter()]).then(() => {
          over = true;
        });
        await scheduler.waitIdle();
        await Promise.race([all, new Promise((resolve) => setImmediate(resolve))]);
        expect([over, seen]).toEqual([true, 2]);
      }),
      { numRuns: 500 },
    );
  });

  it('starts who is missing, once; starts again what broke, under the next name; leaves alone what is done', async () => {
    const at = account(async (_, work) => work());
    await wake(at.tokens, at.machine, ID);
    await wake(at.tokens, at.machine, ID);
    expect(at.started).toEqual([ID]);
    at.executions.set(ID, 'broken');
    await wake(at.tokens, at.machine, ID);
    expect(at.started).toEqual([ID, `${ID}-2`]);
    at.executions.set(`${ID}-2`, 'done');
    await wake(at.tokens, at.machine, ID);
    expect(at.started).toEqual([ID, `${ID}-2`]);
  });

  it('a token that was used already, or is of no execution, is dropped and the execution looked for', async () => {
    const at = account(async (_, work) => work());
    await at.tokens.put(ID, 'stale');
    await wake(at.tokens, at.machine, ID);
    expect([await at.tokens.get(ID), at.started]).toEqual([undefined, [ID]]);
  });

  it('a token put meanwhile is not cleared with the one that was used', async () => {
    const at = account(async (_, work) => work());
    await at.tokens.put(ID, 'second');
    await at.tokens.clear(ID, 'first');
    expect(await at.tokens.get(ID)).toBe('second');
  });
});
