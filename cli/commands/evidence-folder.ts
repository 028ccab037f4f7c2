// Exported evidence: the vault's objects under their own keys, and event.txt that names the event; as a folder, or as the zip
// that `export` makes of it.
import type { EventHash } from '../../functions/domain/digest.ts';
import { EventHash as Hash } from '../../functions/domain/digest.ts';
import { EVENT_NAME, envelopeIn } from '../../functions/domain/pack/derived.ts';
import { isVaultKey } from '../../functions/domain/vault-keys.ts';
import type { Bench } from '../../functions/replay.ts';
import { Refused } from '../client.ts';
import { type OpenedPack, openPack } from '../pack/open.ts';
import { putDerived, putFile } from '../pack/write.ts';
import { UsageError } from '../usage-error.ts';

/** Evidence alone, without tools and index: what the demo and older exports leave behind. */
export async function writeEvidence(folder: string, event: EventHash, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [key, bytes] of files) {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    await putFile(folder, key, bytes);
  }
  await putDerived(folder, event);
}

/** Reads by vault key: a key never leads out of the pack. */
function vaultOf({ get, size }: OpenedPack): Bench['vault'] {
  const checked = (key: string) => {
    if (!isVaultKey(key)) throw new UsageError(`not a vault key: ${key}`);
    return key;
  };
  return { get: (key) => get(checked(key)), size: (key) => size(checked(key)) };
}

/** The engine is loaded here: who only verifies does not need it. */
export const benchOf = async (vault: Bench['vault']): Promise<Bench> => {
  const { packsFrom } = await import('../../functions/packs.ts');
  return { vault, packs: packsFrom(vault) };
};

export type OpenedEvidence = {
  readonly event: EventHash;
  readonly envelope: Uint8Array;
  readonly vault: Bench['vault'];
  readonly pack: OpenedPack;
};

/** `wanted`: the event the caller already knows of, from a ledger or a deployment; without it the pack's own name is used. */
export async function openEvidence(path: string, wanted?: string): Promise<OpenedEvidence> {
  const opened = await openPack(path);
  if (!opened.ok) throw new Refused(opened.problems);
  return evidenceIn(opened.value, path, wanted);
}

export async function evidenceIn(pack: OpenedPack, path: string, wanted?: string): Promise<OpenedEvidence> {
  const name = wanted === undefined ? await pack.get(EVENT_NAME) : undefined;
  const parsed = Hash.safeParse((wanted ?? new TextDecoder().decode(name ?? new Uint8Array())).trim());
  if (!parsed.success) throw new UsageError(`${path} is not an exported event: no ${EVENT_NAME} with a hash in it`);
  const vault = vaultOf(pack);
  const envelope = await envelopeIn((key) => vault.get(key), parsed.data);
  if (envelope === undefined) throw new UsageError(`${path} does not hold the event ${parsed.data}`);
  return { event: parsed.data, envelope, vault, pack };
}
