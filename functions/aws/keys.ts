// Where the keys of this deployment are: as infra/ told this version of a function, and what came since.
import { kmsClient } from '../adapters/aws/clients.ts';
import { openKmsSigner } from '../adapters/aws/kms-signer.ts';
import { KEYS_SEALED, keys, WhereKeys } from '../domain/rows.ts';
import { sealedKeys } from '../keys/keys.ts';
import type { AtHand } from '../keys/own.ts';
import type { LogIdentity } from '../log/log.ts';
import type { Index, Signer, Vault } from '../ports.ts';
import type { Told } from './env.ts';

/** Oldest first; the newest ones may wait for their rotation. */
export const whereTold = (told: Told): WhereKeys => ({
  seal: told('COUNTERSIGN_SEAL_KEY').split(','),
  log: told('COUNTERSIGN_LOG_KEY').split(','),
});

function opening(told: Told) {
  const keyClass = told('COUNTERSIGN_CLASS');
  const kms = kmsClient();
  const seal = (key: string): Promise<Signer> => openKmsSigner(kms, { key, algorithm: 'p256', keyClass });
  const log = async (key: string): Promise<LogIdentity> => ({
    origin: told('COUNTERSIGN_LOG_ORIGIN'),
    signer: await openKmsSigner(kms, { key, algorithm: 'ed25519', keyClass }),
  });
  return { seal, log };
}

export async function keysAtHand(told: Told): Promise<AtHand> {
  const open = opening(told);
  const all = async <T>([first = '', ...others]: readonly string[], one: (key: string) => Promise<T>): Promise<[T, ...T[]]> => [
    await one(first),
    ...(await Promise.all(others.map(one))),
  ];
  const { seal, log } = whereTold(told);
  return { signers: await all(seal, open.seal), logs: await all(log, open.log) };
}

/**
 * An execution ends with the versions that it began with, and these were told of older keys only: what came since is found in a row. It
 * adds nothing to whom we believe, since a key counts only under the id that the sealed list gives it.
 */
export async function withLater(
  told: Told,
  atHand: AtHand,
  { vault, index }: { readonly vault: Vault; readonly index: Index },
): Promise<AtHand> {
  const row = WhereKeys.safeParse((await index.get(keys.whereKeys))?.body).data;
  const own = whereTold(told);
  const later = (use: 'seal' | 'log'): string[] => (row?.[use] ?? []).filter((arn) => !own[use].includes(arn));
  const [seal, log] = [later('seal'), later('log')];
  if (seal.length + log.length === 0) return atHand;
  const listed = new Set((await sealedKeys({ vault, index })).at(-1)?.record.keys.keys.map(({ keyid }) => keyid));
  const open = opening(told);
  // A row that names what is not ours, or not there, is passed over.
  const found = async <T>(arns: readonly string[], one: (key: string) => Promise<T>, idOf: (it: T) => string): Promise<T[]> => {
    const opened = await Promise.all(arns.map((arn) => one(arn).catch(() => undefined)));
    return opened.filter((it) => it !== undefined).filter((it) => listed.has(idOf(it)));
  };
  return {
    signers: [...atHand.signers, ...(await found(seal, open.seal, ({ keyid }) => keyid))],
    logs: [...atHand.logs, ...(await found(log, open.log, ({ signer }) => signer.keyid))],
  };
}

export const listsOfKeys = async (index: Index): Promise<number> => (await index.list(keys.keysPk, KEYS_SEALED)).length;
