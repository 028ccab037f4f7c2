import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Index } from '../../functions/ports.ts';

/** `again`: the same store through another handle, as another process or the next start has it. */
export type OpenedIndex = { readonly index: Index; readonly again: () => Promise<Index>; readonly close: () => Promise<void> };

/** The laws of the Index port, held against any adapter. */
export function indexLaws(name: string, open: () => Promise<OpenedIndex>): void {
  describe(`index laws: ${name}`, () => {
    let index: Index;
    let opened: OpenedIndex;
    beforeAll(async () => {
      opened = await open();
      index = opened.index;
    });
    afterAll(() => opened.close());
    const at = (pk: string, sk: string) => ({ pk, sk });

    it('LAW 1: a commit is all there, through another handle as well, with the bodies that were written', async () => {
      const body = { text: 'ü \u{1F512}', list: [1, null, { deep: true }] };
      await index.commit([
        { kind: 'fact', key: at('ALL', 'f'), body },
        { kind: 'register', key: at('ALL', 'r'), body, expected: 'absent' },
      ]);
      for (const handle of [index, await opened.again()])
        expect((await handle.list('ALL')).map((row) => row.body)).toEqual([body, body]);
    });

    it('LAW 6: what one handle committed the other reads, and is held to', async () => {
      const other = await opened.again();
      const key = at('SEEN', 'r');
      await index.commit([{ kind: 'register', key, body: 1, expected: 'absent' }]);
      const read = await other.get(key);
      expect(await other.commit([{ kind: 'register', key, body: 2, expected: read?.revision ?? -1 }])).toEqual({
        kind: 'committed',
      });
      expect([(await index.get(key))?.body, (await index.list('SEEN')).map((row) => row.body)]).toEqual([2, [2]]);
      expect((await index.commit([{ kind: 'register', key, body: 3, expected: read?.revision ?? -1 }])).kind).toBe('conflict');
    });

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
      const handles = [index, await opened.again()];
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (handles[i % 2] ?? index).commit([{ kind: 'fact', key: at('RACE', 'x'), body: i }]),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.kind === 'committed')).toHaveLength(1);
      const won = outcomes.findIndex((outcome) => outcome.kind === 'committed');
      expect((await index.get(at('RACE', 'x')))?.body).toBe(won);
      for (const outcome of outcomes) if (outcome.kind === 'conflict') expect(outcome.found?.body).toBe(won);
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
      const fact = at('OPEN', 'f');
      await index.commit([{ kind: 'fact', key: fact, body: 1 }]);
      expect((await index.commit([{ kind: 'clear', key: fact, expected: 1 }])).kind).toBe('conflict');
      expect((await index.get(fact))?.body).toBe(1);
    });
  });
}
