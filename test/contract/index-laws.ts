import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Index } from '../../functions/ports.ts';

/** The laws of the Index port, held against any adapter. */
export function indexLaws(name: string, open: () => Promise<{ index: Index; close: () => Promise<void> }>): void {
  describe(`index laws: ${name}`, () => {
    let index: Index;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ index, close } = await open());
    });
    afterAll(() => close());
    const at = (pk: string, sk: string) => ({ pk, sk });

    it('R13 LAW 2: a fact is written once; the conflict names the stored row and writes nothing', async () => {
      expect(await index.commit([{ kind: 'fact', key: at('A', '1'), body: { said: 'first' } }])).toEqual({ kind: 'committed' });
      const second = await index.commit([
        { kind: 'fact', key: at('A', '2'), body: { said: 'companion' } },
        { kind: 'fact', key: at('A', '1'), body: { said: 'second' } },
      ]);
      expect(second).toMatchObject({ kind: 'conflict', key: at('A', '1'), found: { body: { said: 'first' } } });
      expect(await index.get(at('A', '2'))).toBeUndefined();
    });

    it('LAW 3: a register is written only over the revision that was read', async () => {
      const key = at('HEAD', 'h');
      await index.commit([{ kind: 'register', key, body: 1, expected: 'absent' }]);
      const read = await index.get(key);
      expect(await index.commit([{ kind: 'register', key, body: 2, expected: read?.revision ?? -1 }])).toEqual({
        kind: 'committed',
      });
      expect((await index.commit([{ kind: 'register', key, body: 3, expected: read?.revision ?? -1 }])).kind).toBe('conflict');
      expect((await index.commit([{ kind: 'register', key, body: 3, expected: 'absent' }])).kind).toBe('conflict');
      expect((await index.get(key))?.body).toBe(2);
    });

    it('LAW 4: of many commits of one fact exactly one wins', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => index.commit([{ kind: 'fact', key: at('RACE', 'x'), body: i }])),
      );
      expect(outcomes.filter((outcome) => outcome.kind === 'committed')).toHaveLength(1);
    });

    it('LAW 5: list answers a partition ordered by sk, facts and registers together', async () => {
      await index.commit([
        { kind: 'fact', key: at('L', 'vote#b'), body: 2 },
        { kind: 'register', key: at('L', 'a'), body: 1, expected: 'absent' },
        { kind: 'fact', key: at('L', 'vote#a'), body: 3 },
        { kind: 'fact', key: at('L2', 'vote#a'), body: 4 },
      ]);
      expect((await index.list('L')).map((row) => row.key.sk)).toEqual(['a', 'vote#a', 'vote#b']);
      expect((await index.list('L', 'vote#')).map((row) => row.body)).toEqual([3, 2]);
    });

    it('a register can be cleared by who read it, a fact never', async () => {
      const key = at('OPEN', 'r');
      await index.commit([{ kind: 'register', key, body: 1, expected: 'absent' }]);
      expect((await index.commit([{ kind: 'clear', key, expected: 99 }])).kind).toBe('conflict');
      expect(await index.commit([{ kind: 'clear', key, expected: 1 }])).toEqual({ kind: 'committed' });
      expect(await index.get(key)).toBeUndefined();
    });
  });
}
