import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault, VaultKey } from '../../functions/ports.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const key = (n: number) => `blobs/${n.toString(16).padStart(64, '0')}`;

export async function listed(vault: Vault, prefix: VaultKey): Promise<VaultKey[]> {
  const found: VaultKey[] = [];
  for await (const one of vault.list(prefix)) found.push(one);
  return found;
}

/** `again`: the same store through another handle, as another process or the next start has it. */
export type OpenedVault = { readonly vault: Vault; readonly again: () => Promise<Vault>; readonly close: () => Promise<void> };

/** The laws of the Vault port, held against any adapter. */
export function vaultLaws(name: string, open: () => Promise<OpenedVault>): void {
  describe(`vault laws: ${name}`, () => {
    let vault: Vault;
    let opened: OpenedVault;
    beforeAll(async () => {
      opened = await open();
      vault = opened.vault;
    });
    afterAll(() => opened.close());

    it('R10 LAW 1, LAW 3: what was answered is there, exactly those bytes, through another handle as well', async () => {
      expect(await vault.putOnce(key(1), bytes('one'))).toEqual({ kind: 'stored' });
      for (const handle of [vault, await opened.again()]) {
        expect(await handle.get(key(1))).toEqual(bytes('one'));
        expect(await handle.size(key(1))).toBe(3);
      }
    });

    it('R14 LAW 2: a key never changes its bytes; the second put answers what is there, whoever wrote it', async () => {
      await vault.putOnce(key(2), bytes('first'));
      for (const handle of [vault, await opened.again()]) {
        const second = await handle.putOnce(key(2), bytes('second'));
        expect(second.kind).toBe('already');
        expect(second.kind === 'already' && new TextDecoder().decode(second.bytes)).toBe('first');
      }
      expect(await vault.get(key(2))).toEqual(bytes('first'));
    });

    it('R14 LAW 2: nor does who changes the bytes they put or got change what is stored', async () => {
      const mine = bytes('mine');
      await vault.putOnce(key(5), mine);
      mine.fill(0);
      (await vault.get(key(5)))?.fill(0);
      const put = await vault.putOnce(key(5), bytes('other'));
      if (put.kind === 'already') put.bytes.fill(0);
      expect(await vault.get(key(5))).toEqual(bytes('mine'));
    });

    it('LAW 4: of many puts at once, through two handles, exactly one is stored; all others are told its bytes', async () => {
      const handles = [vault, await opened.again()];
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (handles[i % 2] ?? vault).putOnce(key(3), bytes(`writer ${i}`))),
      );
      const stored = outcomes.flatMap((outcome, i) => (outcome.kind === 'stored' ? [bytes(`writer ${i}`)] : []));
      expect(stored).toHaveLength(1);
      expect(await vault.get(key(3))).toEqual(stored[0]);
      for (const outcome of outcomes) if (outcome.kind === 'already') expect(new Uint8Array(outcome.bytes)).toEqual(stored[0]);
    });

    it('LAW 5: an object of no bytes is whole, and there', async () => {
      await vault.putOnce(key(4), bytes(''));
      expect([await vault.get(key(4)), await vault.size(key(4))]).toEqual([bytes(''), 0]);
      expect((await vault.putOnce(key(4), bytes('x'))).kind).toBe('already');
    });

    it('what is not there is undefined, not an error', async () => {
      expect(await vault.get(key(404))).toBeUndefined();
      expect(await vault.size(key(404))).toBeUndefined();
      expect(await listed(vault, 'records/')).toEqual([]);
    });

    it('LAW 6: lists keys under a prefix, sorted, each once, what another handle stored among them', async () => {
      const other = await opened.again();
      await vault.putOnce(`votes/${'b'.repeat(64)}.json`, bytes('{}'));
      await other.putOnce(`votes/${'a'.repeat(64)}.json`, bytes('{}'));
      for (const handle of [vault, other])
        expect(await listed(handle, 'votes/')).toEqual([`votes/${'a'.repeat(64)}.json`, `votes/${'b'.repeat(64)}.json`]);
    });

    it('fails a key that is not one of the agreed shapes', async () => {
      for (const wrong of ['../outside', 'blobs/short', `blobs/${'A'.repeat(64)}`, ''])
        await expect(vault.putOnce(wrong, bytes('x')), wrong).rejects.toThrow();
    });
  });
}
