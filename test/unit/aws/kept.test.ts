import { afterEach, expect, it, vi } from 'vitest';
import { kept, steady } from '../../../functions/aws/stage.ts';

afterEach(() => void vi.restoreAllMocks());

it('R27 what a container keeps is read again after its time, at once when forgotten, and after a failure', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  let read = 0;
  const failing = new Set([3]);
  const get = kept(async () => {
    read++;
    if (failing.has(read)) throw new Error('not now');
    return read;
  }, 600);
  expect([await get(), await get()]).toEqual([1, 1]);
  clock.mockReturnValue(1601);
  expect(await get()).toBe(2);
  get.forget();
  await expect(get()).rejects.toThrow('not now');
  expect([await get(), read]).toEqual([4, 4]);
});

it('what is read anew and is the same stays the same, and what cannot be read again stays too', async () => {
  const answers: (() => { secret: string })[] = [
    () => ({ secret: 'one' }),
    () => ({ secret: 'one' }),
    () => {
      throw new Error('it does not answer');
    },
    () => ({ secret: 'two' }),
  ];
  const faults: unknown[] = [];
  const read = steady(
    async () => answers.shift()?.() ?? { secret: 'none' },
    (a, b) => a.secret === b.secret,
    (error) => void faults.push(error),
  );
  const [first, second, third, fourth] = [await read(), await read(), await read(), await read()];
  expect([second === first, third === first, faults.length, fourth.secret]).toEqual([true, true, 1, 'two']);
});

it('what was never read is told', async () => {
  const read = steady(
    async () => Promise.reject(new Error('it does not answer')),
    () => true,
    () => undefined,
  );
  await expect(read()).rejects.toThrow('it does not answer');
});
