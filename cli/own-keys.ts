// The private keys of a data folder. Which of the files is the key in force is said by the sealed list, never by a file's name:
// so a crash between two renames changes nothing, and a change that was frozen is finished here, before anything is signed.
import { link, rename, unlink } from 'node:fs/promises';
import { openDevSigner } from '../functions/adapters/local/dev-signer.ts';
import { makeNoteSigner, openNoteSigner } from '../functions/adapters/local/note-signer.ts';
import { InfrastructureError } from '../functions/domain/errors.ts';
import { finishKeys } from '../functions/keys/keys.ts';
import { type AtHand, type KeyStore, type OwnKeys, ownKeys } from '../functions/keys/own.ts';
import type { LogIdentity } from '../functions/log/log.ts';
import { paths } from './paths.ts';
import { exists, synced } from './stored-index.ts';

export const keyFiles = (data: string) => {
  const { signer, log } = paths(data);
  return { signer, log, nextSigner: `${signer}.next`, nextLog: `${log}.next`, outgoingLog: `${log}.outgoing` };
};

/** For who seals: finishes what is pending, puts the files in their place, and signs only within a key's window. */
export async function openOwnKeys(data: string, store: KeyStore): Promise<OwnKeys> {
  const files = await filesOf(data);
  await finishKeys({ ...store, signer: files.signers[0] }, files.signers);
  const own = await ownKeys(store, files, data);
  await settle(data, own);
  return own;
}

/** For who only looks: the same keys, and nothing is written. Undefined while the folder has none. */
export async function lookAtOwnKeys(data: string, store: KeyStore): Promise<OwnKeys> {
  const at = keyFiles(data);
  for (const file of [at.signer, at.log])
    if (!(await exists(file))) throw new InfrastructureError(`${file} is missing: bring back the key`, { retryable: false });
  return ownKeys(store, await filesOf(data), data);
}

async function filesOf(data: string): Promise<AtHand> {
  const at = keyFiles(data);
  const next = (await exists(at.nextSigner)) ? [await openDevSigner(at.nextSigner)] : [];
  const logs: LogIdentity[] = [];
  for (const file of [at.nextLog, at.outgoingLog]) {
    const key = await openNoteSigner(file);
    if (key !== undefined) logs.push({ origin: key.name, signer: key.signer });
  }
  // The log's name is its identity for every witness, so it is made once, with the key, and no two logs share one.
  const own = (await openNoteSigner(at.log)) ?? (await makeNoteSigner(at.log, (id) => `countersign.local/${id.slice(0, 16)}`));
  return {
    signers: [await openDevSigner(at.signer), ...next],
    logs: [{ origin: own.name, signer: own.signer }, ...logs],
  };
}

/** Names follow the list. A rename puts a key in its place and destroys the one before, in one step. */
async function settle(data: string, { signer, tlog }: OwnKeys): Promise<void> {
  const at = keyFiles(data);
  const isIn = async (file: string, keyid: string) => (await exists(file)) && (await openDevSigner(file)).keyid === keyid;
  if (await isIn(at.nextSigner, signer.keyid)) await rename(at.nextSigner, at.signer);
  const next = await openNoteSigner(at.nextLog);
  if (next?.signer.keyid === tlog.signer.keyid) {
    // The old one keeps a second name first, since it still signs beside the new one.
    if (tlog.outgoing?.length && !(await exists(at.outgoingLog))) await link(at.log, at.outgoingLog);
    await rename(at.nextLog, at.log);
  }
  const outgoing = await openNoteSigner(at.outgoingLog);
  const signs = tlog.outgoing?.some(({ keyid }) => keyid === outgoing?.signer.keyid);
  if (outgoing && !signs) await unlink(at.outgoingLog);
  await synced(`${data}/keys`);
}
