// Imitates an object store with write-once keys (FileVault, S3 with If-None-Match): held to the same laws in test/contract. Nobody
// can change what is stored by changing the bytes they put or got.
import { invariant } from '../../../functions/domain/result.ts';
import { isVaultKey } from '../../../functions/domain/vault-keys.ts';
import type { Vault } from '../../../functions/ports.ts';

export function memoryVault(objects = new Map<string, Uint8Array>()): Vault & { readonly objects: Map<string, Uint8Array> } {
  const checked = (key: string): string => {
    invariant(isVaultKey(key), `a vault key, not ${key}`);
    return key;
  };
  return {
    objects,
    putOnce: async (key, bytes) => {
      const there = objects.get(checked(key));
      if (there) return { kind: 'already', bytes: there.slice() };
      objects.set(key, bytes.slice());
      return { kind: 'stored' };
    },
    get: async (key) => objects.get(checked(key))?.slice(),
    size: async (key) => objects.get(checked(key))?.byteLength,
    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}
