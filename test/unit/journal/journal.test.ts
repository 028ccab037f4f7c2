// The index follows a journal in the vault: whatever fails, at whatever moment, the rows are what the journal makes them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { InfrastructureError } from '../../../functions/domain/errors.ts';
import { journalKey } from '../../../functions/domain/vault-keys.ts';
import { journalled, problemOfPair } from '../../../functions/journal.ts';
import type { Index, Row, Vault, Write } from '../../../functions/ports.ts';
import { rowsOfVault } from '../../support/journal.ts';
import { memoryVault } from '../../support/memory/vault.ts';

const key = (name: string) => ({ pk: 'P', sk: name });
const fact = (name: string, body: unknown): Write => ({ kind: 'fact', key: key(name), body });
const register = (name: string, body: unknown, expected: number | 'absent'): Write => ({
  kind: 'register',
  key: key(name),
  body,
  expected,
});

type Act = { readonly do: 'fact' | 'move' | 'clear'; readonly name: string; readonly body: number };
const ACT: fc.Arbitrary<Act> = fc.record({
  do: fc.constantFrom('fact' as const, 'move' as const, 'clear' as const),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  body: fc.integer({ min: 0, max: 99 }),
});

/** As a stage does it: reads, then writes on condition of what it read. */
async function perform(index: Index, { do: what, name, body }: Act): Promise<string> {
  // Facts and registers have names of their own, as everywhere.
  const row = what === 'fact' ? undefined : await index.get(key(`register ${name}`));
  const write: Write =
    row !== undefined && what === 'clear'
      ? { kind: 'clear', key: row.key, expected: row.revision }
      : what === 'fact'
        ? fact(name, body)
        : register(`register ${name}`, body, row?.revision ?? 'absent');
  return (await index.commit([write, fact(`note ${body}`, what)])).kind;
}

/** The k-th call that writes fails, before it did anything or after. */
function failingAt<T extends object>(port: T, method: keyof T, fails: () => 'before' | 'after' | undefined): T {
  return new Proxy(port, {
    get: (target, name) => {
      const own = Reflect.get(target, name) as unknown;
      if (typeof own !== 'function') return own;
      if (name !== method) return own.bind(target);
      return async (...args: unknown[]) => {
        const moment = fails();
        if (moment === 'before') throw new InfrastructureError('injected before', { retryable: true });
        const answer = await own.apply(target, args);
        if (moment === 'after') throw new InfrastructureError('injected after', { retryable: true });
        return answer;
      };
    },
  });
}

const all = (rows: SqliteIndex): Row[] => [...rows.rows()];

describe('R14 the index follows its journal', () => {
  it('any history, any call failing before or after it took effect: rebuilt rows are the rows there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ACT, { maxLength: 12 }),
        fc.nat(20),
        fc.nat(20),
        fc.constantFrom('before' as const, 'after' as const),
        async (acts, putAt, rowsAt, moment) => {
          let puts = 0;
          let commits = 0;
          const real = memoryVault();
          const rows = new SqliteIndex(':memory:');
          const vault = failingAt<Vault>(real, 'putOnce', () => (puts++ === putAt ? moment : undefined));
          const index = journalled(
            vault,
            failingAt<Index>(rows, 'commit', () => (commits++ === rowsAt ? moment : undefined)),
          );
          for (const act of acts) await perform(index, act).catch(() => 'failed');
          // What a reader sees is never behind the journal.
          await index.get(key('a')).catch(() => undefined);
          await index.get(key('a'));
          expect(all(rows)).toEqual(await rowsOfVault(real));
          rows.close();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a transaction whose rows could not be written is read back as written, and not answered as if it were not', async () => {
    const vault = memoryVault();
    const rows = new SqliteIndex(':memory:');
    let fail = true;
    const index = journalled(
      vault,
      failingAt<Index>(rows, 'commit', () => (fail ? 'before' : undefined)),
    );
    await expect(index.commit([fact('vote', 'yes')])).rejects.toThrow('injected');
    await expect(index.get(key('vote'))).rejects.toThrow('injected');
    fail = false;
    expect((await index.get(key('vote')))?.body).toBe('yes');
    expect(await index.commit([fact('vote', 'no')])).toMatchObject({ kind: 'conflict', found: { body: 'yes' } });
  });

  it('a killed process left an entry without its rows: the next one writes them before it reads', async () => {
    const vault = memoryVault();
    const first = new SqliteIndex(':memory:');
    await journalled(vault, first).commit([fact('one', 1)]);
    const late = new SqliteIndex(':memory:');
    expect(await journalled(vault, late).catchUp()).toBe(1);
    expect(all(late)).toEqual(all(first));
  });

  it('two processes over one vault and one index: of two transactions for one register one wins', async () => {
    const vault = memoryVault();
    const rows = new SqliteIndex(':memory:');
    const [a, b] = [journalled(vault, rows), journalled(vault, rows)];
    await a.commit([register('head', 0, 'absent')]);
    const outcomes = await Promise.all(
      [a, b].map((index, i) => index.commit([register('head', i + 1, 1), fact(`won ${i}`, 1)])),
    );
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['committed', 'conflict']);
    expect(all(rows)).toEqual(await rowsOfVault(vault));
  });

  it('an index put back to an older day catches up instead of starting a second history', async () => {
    const vault = memoryVault();
    const now = new SqliteIndex(':memory:');
    const older = new SqliteIndex(':memory:');
    const index = journalled(vault, now);
    await index.commit([register('head', 1, 'absent')]);
    await journalled(vault, older).catchUp();
    for (let i = 1; i < 5; i++) await index.commit([register('head', i + 1, i)]);
    expect(await problemOfPair(vault, older)).toBeUndefined();
    await journalled(vault, older).catchUp();
    expect(all(older)).toEqual(all(now));
  });

  it('an index of another store, and a vault that lost its end, are told apart', async () => {
    const [one, other] = [memoryVault(), memoryVault()];
    const rows = new SqliteIndex(':memory:');
    await journalled(one, rows).commit([fact('a', 1)]);
    await journalled(other, new SqliteIndex(':memory:')).commit([fact('a', 2)]);
    expect(await problemOfPair(one, rows)).toBeUndefined();
    expect(await problemOfPair(other, rows)).toContain('another journal/000/000/001');
    expect(await problemOfPair(memoryVault(), rows)).toContain('the vault lacks');
  });

  it('every byte of an entry, flipped: the rebuild stops and names it', {
    timeout: 60_000,
  }, async () => {
    const vault = memoryVault();
    const index = journalled(vault, new SqliteIndex(':memory:'));
    for (let i = 0; i < 3; i++) await index.commit([fact(`row ${i}`, 'body')]);
    const good = vault.objects.get(journalKey(2)) ?? new Uint8Array();
    for (let at = 0; at < good.byteLength; at++) {
      const bad = Uint8Array.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      vault.objects.set(journalKey(2), bad);
      await expect(rowsOfVault(vault), `byte ${at}`).rejects.toThrow(journalKey(2));
    }
    vault.objects.set(journalKey(2), good);
    expect(await rowsOfVault(vault)).toHaveLength(4);
  });

  it('an entry of another store under its number is not followed', async () => {
    const [vault, other] = [memoryVault(), memoryVault()];
    for (const [objects, body] of [
      [vault, 1],
      [other, 2],
    ] as const) {
      const index = journalled(objects, new SqliteIndex(':memory:'));
      for (const name of ['a', 'b']) await index.commit([fact(name, body)]);
    }
    vault.objects.set(journalKey(2), other.objects.get(journalKey(2)) ?? new Uint8Array());
    await expect(rowsOfVault(vault)).rejects.toThrow('one of them was exchanged');
  });
});
