import type { Digest } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { packKey } from './domain/vault-keys.ts';
import type { Vault, World } from './ports.ts';
import { loadPack, type Pack } from './route/pack.ts';

/** What the steps work with. */
export type DriveWorld = World & { readonly packs: Packs };

/** Packs by digest, read from the vault and kept loaded: an old request keeps the policy it was routed under. */
export type Packs = { load(digest: Digest): Promise<Pack> };

const FILES = ['manifest.json', 'policy.wasm', 'data.json', 'rulebook.json', 'capabilities.json'];

export function packsFrom(vault: Pick<Vault, 'get'>): Packs {
  const loaded = new Map<Digest, Promise<Pack>>();
  const read = async (digest: Digest): Promise<Pack> => {
    const files = new Map<string, Uint8Array>();
    for (const name of FILES) {
      const bytes = await vault.get(packKey(digest, name));
      if (bytes === undefined)
        throw new InfrastructureError(`the vault has lost ${name} of pack ${digest}`, { retryable: false });
      files.set(name, bytes);
    }
    const pack = loadPack(files);
    if (pack.digest !== digest)
      throw new InfrastructureError(`the vault holds pack ${pack.digest} under ${digest}`, { retryable: false });
    return pack;
  };
  return {
    load: (digest) => {
      const known = loaded.get(digest) ?? read(digest);
      loaded.set(digest, known);
      // A failed read is tried again next time.
      known.catch(() => loaded.delete(digest));
      return known;
    },
  };
}
