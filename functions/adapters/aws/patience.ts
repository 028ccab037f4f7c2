// Trying again where the SDK does not: it takes a lost race for an answer.
import { setTimeout as sleep } from 'node:timers/promises';

/** `random`: from 0 up to 1, so that two who met do not meet again. */
export type Patience = { readonly random: () => number; readonly attempts?: number; readonly firstMs?: number };

const ATTEMPTS = 6;
const FIRST_MS = 25;

/** Runs until `run` answers something, and not more often than is set; undefined when it never did. */
export async function untilAnswered<T>(
  { random, attempts = ATTEMPTS, firstMs = FIRST_MS }: Patience,
  run: (attempt: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await sleep(random() * firstMs * 2 ** attempt);
    const answer = await run(attempt);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
