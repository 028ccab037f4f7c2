// The private keys of a data folder. Which of the files is the key in force is said by the sealed list, never by a file's name:
// so a crash between two renames changes nothing, and a change that was frozen is finished here, before anything is signed.
import { link, rename, unlink } from 'node:fs/promises';
import { openDevSigner } from '../functions/adapters/local/dev-signer.ts';
import { makeNoteSigner, openNoteSigner } from '../functions/adapters/local/note-signer.ts';
import { InfrastructureError } from '../functions/domain/errors.ts';
import { activeFor, type Key, type KeySet } from '../functions/domain/keys/set.ts';
import { finishKeys, formerKeys, sealedKeys } from '../functions/keys/keys.ts';
import type { LogIdentity } from '../functions/log/log.ts';
import type { Clock, Index, Signer, Vault } from '../functions/ports.ts';
import { paths } from './paths.ts';
import { exists, synced } from './stored-index.ts';

export const keyFiles = (data: string) => {
  const { signer, log } = paths(data);
  return { signer, log, nextSigner: `${signer}.next`, nextLog: `${log}.next`, outgoingLog: `${log}.outgoing` };
};

type Store = { readonly vault: Vault; readonly index: Index; readonly clock: Clock };
export type OwnKeys = { readonly signer: Signer; readonly tlog: LogIdentity };

/** For who seals: finishes what is pending, puts the files in their place, and signs only within a key's window. */
export async function openOwnKeys(data: string, store: Store): Promise<OwnKeys> {
  const files = await filesOf(data);
  await finishKeys({ ...store, signer: files.signers[0] }, files.signers);
  const own = await ownKeys(data, store, files);
  await settle(data, own);
  return own;
}

/** For who only looks: the same keys, and nothing is written. Undefined while the folder has none. */
export async function lookAtOwnKeys(data: string, store: Store): Promise<OwnKeys> {
  const at = keyFiles(data);
  for (const file of [at.signer, at.log])
    if (!(await exists(file))) throw new InfrastructureError(`${file} is missing: bring back the key`, { retryable: false });
  return ownKeys(data, store, await filesOf(data));
}

type Files = { readonly signers: readonly [Signer, ...Signer[]]; readonly logs: readonly [LogIdentity, ...LogIdentity[]] };

async function filesOf(data: string): Promise<Files> {
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

async function ownKeys(data: string, store: Store, { signers, logs }: Files): Promise<OwnKeys> {
  const set = (await sealedKeys(store)).at(-1)?.record.keys;
  // A folder from before there were lists: its keys are the two it has, and nothing limits them.
  if (set === undefined) return { signer: signers[0], tlog: logs[0] };
  const [sealing] = activeFor(set, 'seal');
  const signer = signers.find(({ keyid }) => keyid === sealing?.keyid);
  if (sealing === undefined || signer === undefined)
    throw new InfrastructureError(
      `no key in ${data} is the one that seals by list ${set.version}: bring back key ${sealing?.keyid}`,
      { retryable: false },
    );
  const bounded = within(signer, sealing, store.clock);
  return { signer: { ...bounded, former: await formerKeys(store, signer) }, tlog: logOf(data, set, logs, store.clock) };
}

/** The newest key of the log, and beside it those that are on their way out. */
function logOf(data: string, set: KeySet, logs: readonly LogIdentity[], clock: Clock): LogIdentity {
  const active = activeFor(set, 'checkpoint').flatMap((key) => {
    const found = logs.find(({ signer }) => signer.keyid === key.keyid);
    return found === undefined ? [] : [{ origin: found.origin, signer: within(found.signer, key, clock) }];
  });
  const newest = active.at(-1);
  if (newest === undefined)
    throw new InfrastructureError(`no key in ${data} signs checkpoints by list ${set.version}`, { retryable: false });
  const known = set.keys.filter(({ use }) => use.includes('checkpoint')).map(({ spki }) => spki);
  return { ...newest, outgoing: active.slice(0, -1).map(({ signer }) => signer), former: known };
}

/** Fail closed: after its window a key signs nothing, however much waits. */
export const within = (signer: Signer, { keyid, notAfter }: Pick<Key, 'keyid' | 'notAfter'>, clock: Clock): Signer => ({
  ...signer,
  sign: async (bytes) => {
    if (clock.now() > notAfter)
      throw new InfrastructureError(
        `the window of key ${keyid.slice(0, 12)} ended at ${notAfter}: nothing is sealed until \`countersign keys rotate\``,
        { retryable: true, code: 'KEY_EXPIRED' },
      );
    return signer.sign(bytes);
  },
});

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
