// The laws of what is beside the evidence: notes and sessions, held against any adapter.
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../functions/domain/digest.ts';
import type { SessionStore } from '../../functions/http/session-store.ts';
import type { Spool } from '../../functions/ports.ts';

/** `again`: the same notes through another handle, as another process has them. */
export type OpenedSpool = { readonly spool: Spool; readonly again: () => Spool; readonly close: () => Promise<void> };

export function spoolLaws(name: string, open: () => Promise<OpenedSpool>): void {
  describe(`laws of the notes: ${name}`, () => {
    it('R23 read answers every line that was appended, in order, also those of other processes', async () => {
      const { spool, again, close } = await open();
      const other = again();
      expect(await spool.read()).toEqual([]);
      const lines = [{ kind: 'one', text: 'ü \u{1F512}\n' }, { kind: 'two' }, { kind: 'three' }, { kind: 'four' }];
      for (const [i, line] of lines.entries()) await (i % 2 ? other : spool).append(line);
      for (const handle of [spool, other, again()]) expect(await handle.read()).toEqual(lines);
      await close();
    });

    it('lines appended at once are all there, once, and in one order for all', async () => {
      const { spool, again, close } = await open();
      const handles = [spool, again(), again()];
      await Promise.all(Array.from({ length: 12 }, (_, i) => (handles[i % 3] ?? spool).append(i)));
      const read = await Promise.all(handles.map((handle) => handle.read()));
      expect([...(read[0] ?? [])].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 12 }, (_, i) => i));
      for (const lines of read) expect(lines).toEqual(read[0]);
      await close();
    });
  });
}

/** `later`: moves the clock of the store. It begins at `BEGIN_SECONDS`. */
export type OpenedSessions = { readonly store: SessionStore; readonly later: (seconds: number) => void };
export const BEGIN_SECONDS = 1_800_000_000;

export function sessionLaws(name: string, open: () => Promise<OpenedSessions>): void {
  describe(`laws of the sessions: ${name}`, () => {
    const id = digestOf('id');
    const body = { csrf: 'c', roles: ['a', 'ü'], deep: { n: null } };

    it('R7 get answers what was put until its time, and nothing from then on', async () => {
      const { store, later } = await open();
      await store.put(id, body, BEGIN_SECONDS + 60);
      expect([await store.get(id), await store.get(digestOf('another'))]).toEqual([body, undefined]);
      later(59);
      expect(await store.get(id)).toEqual(body);
      later(1);
      expect([await store.get(id), await store.take(id)]).toEqual([undefined, undefined]);
    });

    it('what was put again stands in place of the first', async () => {
      const { store } = await open();
      await store.put(id, 1, BEGIN_SECONDS + 60);
      await store.put(id, 2, BEGIN_SECONDS + 60);
      expect(await store.get(id)).toBe(2);
    });

    it('R7 of several who take it at once one gets it, and then it is gone', async () => {
      const { store } = await open();
      await store.put(id, body, BEGIN_SECONDS + 60);
      const taken = await Promise.all([store.take(id), store.take(id), store.take(id)]);
      expect(taken.filter((one) => one !== undefined)).toEqual([body]);
      expect(await store.get(id)).toBeUndefined();
    });
  });
}
