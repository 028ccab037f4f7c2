import { afterEach, expect, it, vi } from 'vitest';
import { kept } from '../../../functions/aws/stage.ts';

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
