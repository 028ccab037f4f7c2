// An exported folder: the vault's objects under their own keys, and event.txt that names the event. Nothing else is needed.
// event.sigstore.json says the event once more, for other people's verifiers; ours never reads it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EventHash } from '../../functions/domain/digest.ts';
import { EventHash as Hash, hexOf } from '../../functions/domain/digest.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { openEnvelope } from '../../functions/domain/event/envelope.ts';
import { sigstoreBundle } from '../../functions/domain/event/sigstore.ts';
import { isVaultKey } from '../../functions/domain/vault-keys.ts';
import type { Bench } from '../../functions/replay.ts';
import { type PlainFile, plainFileIn } from '../plain-file.ts';
import { UsageError } from '../usage-error.ts';

const NAME = 'event.txt';
const BUNDLE = 'event.sigstore.json';

export async function writeEvidence(folder: string, event: EventHash, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [key, bytes] of files) {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    const path = join(folder, ...key.split('/'));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  await writeFile(join(folder, NAME), `${event}\n`);
  const hex = hexOf(event);
  const opened = openEnvelope(
    files.get(`events/${hex}.dsse.json`) ?? files.get(`records/${hex}.dsse.json`) ?? new Uint8Array(),
  );
  // What does not open is left to `verify`, which says what is wrong with it.
  if (opened.ok) await writeFile(join(folder, BUNDLE), sigstoreBundle(opened.value));
}

/** Reads by vault key: a key never leads out of the folder, nor does anything that lies in it. */
export function readerOf(folder: string): Bench['vault'] {
  const find = (key: string) => {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    return plainFile(folder, key);
  };
  return {
    get: async (key) => {
      const found = await find(key);
      return found && new Uint8Array(await readFile(found.path));
    },
    size: async (key) => (await find(key))?.size,
  };
}

/** A folder may come from a stranger: a pipe would never end, a device or a link would be read as evidence. */
async function plainFile(folder: string, name: string): Promise<PlainFile | undefined> {
  const found = await plainFileIn(folder, name);
  if (typeof found !== 'string') return found;
  throw new InfrastructureError(`${join(folder, name)} ${found}; exported evidence is plain files only`, { retryable: false });
}

/** The engine is loaded here: who only verifies does not need it. */
export const benchOf = async (folder: string): Promise<Bench> => {
  const { packsFrom } = await import('../../functions/packs.ts');
  const vault = readerOf(folder);
  return { vault, packs: packsFrom(vault) };
};

export type OpenedFolder = { readonly event: EventHash; readonly envelope: Uint8Array; readonly vault: Bench['vault'] };

/** `wanted`: the event the caller already knows of, from a ledger or a deployment; without it the folder's own name is used. */
export async function openEvidence(folder: string, wanted?: string): Promise<OpenedFolder> {
  const name = wanted === undefined ? await plainFile(folder, NAME) : undefined;
  const text = wanted ?? (name ? await readFile(name.path, 'utf8') : '');
  const parsed = Hash.safeParse(text.trim());
  if (!parsed.success) throw new UsageError(`${folder} is not an exported event: no ${NAME} with a hash in it`);
  const vault = readerOf(folder);
  const hex = hexOf(parsed.data);
  const envelope = (await vault.get(`events/${hex}.dsse.json`)) ?? (await vault.get(`records/${hex}.dsse.json`));
  if (envelope === undefined) throw new UsageError(`${folder} does not hold the event ${parsed.data}`);
  return { event: parsed.data, envelope, vault };
}
