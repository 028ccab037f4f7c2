// An exported folder: the vault's objects under their own keys, and event.txt that names the event. Nothing else is needed.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EventHash } from '../../functions/domain/digest.ts';
import { EventHash as Hash, hexOf } from '../../functions/domain/digest.ts';
import { isVaultKey } from '../../functions/domain/vault-keys.ts';
import { packsFrom } from '../../functions/packs.ts';
import type { Bench } from '../../functions/replay.ts';
import { UsageError } from '../embedded.ts';

const NAME = 'event.txt';

export async function writeEvidence(folder: string, event: EventHash, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [key, bytes] of files) {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    const path = join(folder, ...key.split('/'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  await writeFile(join(folder, NAME), `${event}\n`);
}

/** Reads by vault key: a key never leads out of the folder. */
function readerOf(folder: string): Bench['vault'] {
  const pathOf = (key: string) => {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    return join(folder, ...key.split('/'));
  };
  const missing = (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  };
  return {
    get: async (key) => readFile(pathOf(key)).then((bytes) => new Uint8Array(bytes), missing),
    size: async (key) => stat(pathOf(key)).then((found) => found.size, missing),
  };
}

export const benchOf = (folder: string): Bench => {
  const vault = readerOf(folder);
  return { vault, packs: packsFrom(vault) };
};

export type OpenedFolder = { readonly event: EventHash; readonly envelope: Uint8Array; readonly vault: Bench['vault'] };

/** `wanted`: the event the caller already knows of, from a ledger or a deployment; without it the folder's own name is used. */
export async function openEvidence(folder: string, wanted?: string): Promise<OpenedFolder> {
  const text = wanted ?? (await readFile(join(folder, NAME), 'utf8').catch(() => ''));
  const parsed = Hash.safeParse(text.trim());
  if (!parsed.success) throw new UsageError(`${folder} is not an exported event: no ${NAME} with a hash in it`);
  const vault = readerOf(folder);
  const hex = hexOf(parsed.data);
  const envelope = (await vault.get(`events/${hex}.dsse.json`)) ?? (await vault.get(`records/${hex}.dsse.json`));
  if (envelope === undefined) throw new UsageError(`${folder} does not hold the event ${parsed.data}`);
  return { event: parsed.data, envelope, vault };
}
