// Wasm in this thread cannot be interrupted, so no decision may take long: each list of the input in turn, very long.
import { describe, expect, it } from 'vitest';
import { filled } from '../../../policies/corpus.ts';
import { committedPack } from '../../support/pack.ts';

const { engine } = committedPack();

describe('R32 the work of a decision grows with its input, not with its square', () => {
  it('each list with two thousand entries is judged in seconds', () => {
    const slow: string[] = [];
    let lists = 0;
    for (const { list, input } of filled(2000)) {
      lists++;
      const started = performance.now();
      engine.evaluate(input);
      const ms = performance.now() - started;
      // In proportion it is a tenth of a second; each entry with each other would be four million steps.
      if (ms > 3000) slow.push(`${list}: ${Math.round(ms)} ms`);
    }
    expect(lists).toBeGreaterThan(30);
    expect(slow).toEqual([]);
  }, 300_000);
});
