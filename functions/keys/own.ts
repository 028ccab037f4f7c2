// Which of the keys at hand seals and which signs checkpoints, by the sealed list; never by where a key was found.
import { InfrastructureError } from '../domain/errors.ts';
import { trustIn } from '../domain/keys/follow.ts';
import { activeFor, type Key, type KeySet } from '../domain/keys/set.ts';
import { vkeyOf } from '../domain/log/note.ts';
import type { Trust } from '../domain/trust.ts';
import type { LogIdentity } from '../log/log.ts';
import { logKeyOf } from '../log/publish.ts';
import type { Clock, Index, Signer, Vault } from '../ports.ts';
import { formerKeys, sealedKeys } from './keys.ts';

export type KeyStore = { readonly vault: Vault; readonly index: Index; readonly clock: Clock };
export type OwnKeys = { readonly signer: Signer; readonly tlog: LogIdentity };
/** The first of each is taken while there is no list. */
export type AtHand = {
  readonly signers: readonly [Signer, ...Signer[]];
  readonly logs: readonly [LogIdentity, ...LogIdentity[]];
};

/** `where`: said to who must bring back a key. */
export async function ownKeys(store: KeyStore, { signers, logs }: AtHand, where: string): Promise<OwnKeys> {
  const set = (await sealedKeys(store)).at(-1)?.record.keys;
  // A store from before there were lists: its keys are the two it has, and nothing limits them.
  if (set === undefined) return { signer: signers[0], tlog: logs[0] };
  const [sealing] = activeFor(set, 'seal');
  const signer = signers.find(({ keyid }) => keyid === sealing?.keyid);
  if (sealing === undefined || signer === undefined)
    throw new InfrastructureError(
      `no key in ${where} is the one that seals by list ${set.version}: bring back key ${sealing?.keyid}`,
      { retryable: false },
    );
  const bounded = within(signer, sealing, store.clock);
  return { signer: { ...bounded, former: await formerKeys(store, signer) }, tlog: logOf(where, set, logs, store.clock) };
}

/** The newest key of the log, and beside it those that are on their way out. */
function logOf(where: string, set: KeySet, logs: readonly LogIdentity[], clock: Clock): LogIdentity {
  const active = activeFor(set, 'checkpoint').flatMap((key) => {
    const found = logs.find(({ signer }) => signer.keyid === key.keyid);
    return found === undefined ? [] : [{ origin: found.origin, signer: within(found.signer, key, clock) }];
  });
  const newest = active.at(-1);
  if (newest === undefined)
    throw new InfrastructureError(`no key in ${where} signs checkpoints by list ${set.version}`, { retryable: false });
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

/** Trust for one environment in this store's own keys, and in whoever its people sign in with. */
export async function ownTrust(
  { vault, index, signer, tlog }: Pick<KeyStore, 'vault' | 'index'> & OwnKeys,
  issuer: string,
  environment: { readonly name: string; readonly class: 'dev' | 'prod' },
): Promise<Trust> {
  const pinned: Trust = {
    environment: environment.name,
    class: environment.class,
    keys: [{ keyid: signer.keyid, spki: signer.spki, class: signer.keyClass }],
    issuers: [issuer],
    // A production gate asks for the log and for a witness; whoever runs one names it here.
    proof: environment.class === 'prod' ? 'witnessed' : 'index',
    logs: [{ vkey: vkeyOf(logKeyOf(tlog)), class: tlog.signer.keyClass }],
    humanSignature: environment.class === 'prod' ? 'required' : 'optional',
  };
  // From here on this trust follows the keys by itself, or is told why it cannot (docs/keys.md).
  const first = (await sealedKeys({ vault, index })).at(-1)?.record.keys;
  return first === undefined ? pinned : trustIn(pinned, first);
}
