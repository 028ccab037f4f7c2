// What every handler of a function has around it: one world per container, one line of log, and nothing left behind unsent.
import { storyOf } from '../domain/errors.ts';

export type Line = Readonly<Record<string, string | number>>;

/** Ids, codes and counts only; CloudWatch reads each line as fields. */
export const logLine = (entry: Line): void => void process.stdout.write(`${JSON.stringify(entry)}\n`);

export type Kept<T> = { (): Promise<T>; readonly forget: () => void };

/**
 * Opened at the first call and kept, until it is forgotten or `forMs` are over. A failed opening is tried again by the next call.
 */
export function kept<T>(open: () => Promise<T>, forMs = Number.POSITIVE_INFINITY): Kept<T> {
  let opened: Promise<T> | undefined;
  let since = 0;
  const forget = () => {
    opened = undefined;
  };
  const get = () => {
    const now = performance.now();
    if (now - since > forMs) opened = undefined;
    if (opened === undefined) since = now;
    opened ??= open().catch((error: unknown) => {
      forget();
      throw error;
    });
    return opened;
  };
  return Object.assign(get, { forget });
}

/**
 * What is read anew now and then. Of equal ones the first stays, since whatever was made with it is kept as long as it is the same; and
 * one that cannot be read again is no worse than it was.
 */
export function steady<T>(
  read: () => Promise<T>,
  same: (a: T, b: T) => boolean,
  told: (error: unknown) => void,
): () => Promise<T> {
  let last: { readonly value: T } | undefined;
  return async () => {
    try {
      const value = await read();
      if (last === undefined || !same(last.value, value)) last = { value };
    } catch (error) {
      if (last === undefined) throw error;
      told(error);
    }
    return last.value;
  };
}

/** Every fault is a line before it is whatever the caller makes of it. */
export async function told<T>(event: string, about: Line, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    logLine({ level: 'error', event, ...about, error: storyOf(error) });
    throw error;
  }
}
