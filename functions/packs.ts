import type { Digest } from './domain/digest.ts';
import { InfrastructureError } from './domain/errors.ts';
import { packKey } from './domain/vault-keys.ts';
import type { Warden } from './health.ts';
import type { LogIdentity } from './log/log.ts';
import type { Sequencer, Vault, World } from './ports.ts';
import { loadPack, PACK_FILES, type Pack, PackError } from './route/pack.ts';
import type { Shadow } from './whatif/shadow.ts';

/** What the steps work with. */
export type DriveWorld = World & {
  readonly packs: Packs;
  readonly tlog: LogIdentity;
  readonly sequencer?: Sequencer;
  readonly shadow?: Shadow;
  /** Absent where nobody watches the store: then nothing is ever frozen. */
  readonly health?: Warden;
};

/** Packs by digest, read from the vault and kept loaded: an old request keeps the policy it was routed under. */
export type Packs = { load(digest: Digest): Promise<Pack> };

export function packsFrom(vault: Pick<Vault, 'get'>): Packs {
  const loaded = new Map<Digest, Promise<Pack>>();
  const read = async (digest: Digest): Promise<Pack> => {
    const files = new Map<string, Uint8Array>();
    for (const name of ['manifest.json', ...PACK_FILES]) {
      const bytes = await vault.get(packKey(digest, name));
      if (bytes === undefined)
        throw new InfrastructureError(`the vault has lost ${name} of pack ${digest}`, { retryable: false });
      files.set(name, bytes);
    }
    const pack = checked(digest, files);
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

/** What was whole when it was stored and does not load now was changed in the store: nobody routes by it. */
function checked(digest: Digest, files: ReadonlyMap<string, Uint8Array>): Pack {
  try {
    return loadPack(files);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    const message = `the pack ${digest} in the vault does not load: ${error.code} ${error.message}`;
    throw new InfrastructureError(message, { retryable: false, cause: error });
  }
}
