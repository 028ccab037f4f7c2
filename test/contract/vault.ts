import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../functions/ports.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const key = (n: number) => `blobs/${n.toString(16).padStart(64, '0')}`;

/** The laws of the Vault port, held against any adapter. */
export function vaultLaws(name: string, open: () => Promise<{ vault: Vault; close: () => Promise<void> }>): void {
  describe(`vault laws: ${name}`, () => {
    let vault: Vault;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ vault, close } = await open());
    });
    afterAll(() => close());

    it('R10 LAW 3: get after putOnce answers exactly those bytes', async () => {
      expect(await vault.putOnce(key(1), bytes('one'))).toEqual({ kind: 'stored' });
      expect(await vault.get(key(1))).toEqual(bytes('one'));
      expect(await vault.size(key(1))).toBe(3);
    });

    it('R14 LAW 2: a key never changes its bytes; the second put answers what is there', async () => {
      await vault.putOnce(key(2), bytes('first'));
      const again = await vault.putOnce(key(2), bytes('second'));
      expect(again.kind).toBe('already');
      expect(again.kind === 'already' && new TextDecoder().decode(again.bytes)).toBe('first');
      expect(await vault.get(key(2))).toEqual(bytes('first'));
    });

    it('LAW 4: of many puts at once exactly one is stored', async () => {
      const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => vault.putOnce(key(3), bytes(`writer ${i}`))));
      expect(outcomes.filter((outcome) => outcome.kind === 'stored')).toHaveLength(1);
    });

    it('what is not there is undefined, not an error', async () => {
      expect(await vault.get(key(404))).toBeUndefined();
      expect(await vault.size(key(404))).toBeUndefined();
    });

    it('lists keys under a prefix, sorted', async () => {
      await vault.putOnce(`votes/${'b'.repeat(64)}.json`, bytes('{}'));
      await vault.putOnce(`votes/${'a'.repeat(64)}.json`, bytes('{}'));
      const listed: string[] = [];
      for await (const found of vault.list('votes/')) listed.push(found);
      expect(listed).toEqual([`votes/${'a'.repeat(64)}.json`, `votes/${'b'.repeat(64)}.json`]);
    });

    it('fails a key that is not one of the agreed shapes', async () => {
      await expect(vault.putOnce('../outside', bytes('x'))).rejects.toThrow();
      await expect(vault.putOnce('blobs/short', bytes('x'))).rejects.toThrow();
    });
  });
}
