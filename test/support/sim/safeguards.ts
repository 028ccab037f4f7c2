// Safeguards, each taken away alone: what the deterministic world must find out. A drill that it cannot see is a hole in the world.

import { hexOf } from '../../../functions/domain/digest.ts';
import { checkpointText, signedCheckpoint } from '../../../functions/domain/log/checkpoint.ts';
import { LogHeadRow } from '../../../functions/domain/rows.ts';
import { checkpointKey } from '../../../functions/domain/vault-keys.ts';
import { logKeyOf } from '../../../functions/log/publish.ts';
import type { Index, Vault, VaultKey, Write } from '../../../functions/ports.ts';
import type { Safeguard, Shared } from './servers.ts';

type Puts = (vault: Shared['vault']) => Vault['putOnce'];

/** Another putOnce over the same objects. */
const putting =
  (puts: Puts): NonNullable<Safeguard['below']> =>
  (shared) => ({ ...shared, vault: { ...shared.vault, putOnce: puts(shared.vault) } });

/** Overwrites whatever is there under keys that begin so. */
const overwriting = (...prefixes: string[]) =>
  putting((vault) => async (key, bytes) => {
    if (!prefixes.some((prefix) => key.startsWith(prefix))) return vault.putOnce(key, bytes);
    vault.objects.set(key, bytes.slice());
    return { kind: 'stored' };
  });

/** Another set of writes than the stage asked for; `undefined` leaves them as they are. */
const committing =
  (change: (writes: readonly Write[], index: Index) => Promise<readonly Write[]>): NonNullable<Safeguard['above']> =>
  (world) => {
    const { index } = world;
    const commit = async (writes: readonly Write[]) => index.commit(await change(writes, index));
    return { ...world, index: { get: (key) => index.get(key), list: (pk, prefix) => index.list(pk, prefix), commit } };
  };

const without = (partOf: (write: Write) => boolean, when: (writes: readonly Write[]) => boolean) =>
  committing(async (writes) => (when(writes) ? writes.filter((write) => !partOf(write)) : writes));

const has = (sk: string) => (writes: readonly Write[]) =>
  writes.some(({ key }) => key.sk === sk || key.sk.startsWith(`${sk}#`));

/** Registers written over whatever is there by now. */
const regardless = (which: (write: Write) => boolean) =>
  committing((writes, index) =>
    Promise.all(
      writes.map(async (write) => {
        if (write.kind === 'fact' || !which(write)) return write;
        const found = await index.get(write.key);
        if (write.kind === 'register') return { ...write, expected: found?.revision ?? ('absent' as const) };
        return found === undefined ? write : { ...write, expected: found.revision };
      }),
    ),
  );

/** `says`: what the world must say without it. */
export const SAFEGUARDS: Readonly<Record<string, { readonly without: Safeguard; readonly says: RegExp }>> = {
  'putOnce keeps what is there': {
    says: /was written twice, with other bytes/,
    without: { below: overwriting('events/', 'records/', 'votes/') },
  },
  'a number of the journal is taken once': {
    says: /journal\/.* was written twice/,
    without: { below: overwriting('journal/') },
  },
  'a vote is in the vault before its row': {
    says: /names a vote that the vault lacks/,
    without: {
      below: putting(
        (vault) => async (key, bytes) => (key.startsWith('votes/') ? { kind: 'stored' } : vault.putOnce(key, bytes)),
      ),
    },
  },
  'an envelope is in the vault before its row': {
    says: /which is not sealed|the vault lacks/,
    without: { below: putting(envelopesLate) },
  },
  'a transaction is in the journal before it is rows': {
    says: /has no row|not of the committed tree|audit/,
    without: {
      above: (world) => ({ ...world, index: world.rows }),
    },
  },
  'a register is replaced only by who has read it': {
    says: /the decision does not count it|decided without a vote|moved on from/,
    without: { above: regardless(() => true) },
  },

  'a leaf is a fact': {
    says: /is in the tree twice/,
    without: { above: without(({ key }) => key.sk === 'leaf' || key.pk === 'UNLOGGED', has('leaf')) },
  },
  'an approval reserves the head': {
    says: /its head did not move to it/,
    without: { above: without(({ key }) => key.sk === 'head', has('decision')) },
  },
  'a decision moves the open row': {
    says: /the decision does not count it|decided without a vote/,
    without: { above: without(({ key }) => key.pk === 'OPEN', has('decision')) },
  },
  'a vote moves the open row': {
    says: /the decision does not count it|decided without a vote/,
    without: { above: without(({ key }) => key.pk === 'OPEN', has('vote')) },
  },
  'an event row goes with its note for the log': {
    says: /never came into the log/,
    without: { above: without(({ key }) => key.pk === 'UNLOGGED', has('event')) },
  },
  'a checkpoint is signed after its tree is committed': {
    says: /a checkpoint of \d+ was signed that is not of the committed tree/,
    without: { above: signingFirst },
  },
  'a sweep finds what was left': {
    says: /came to rest as/,
    without: {
      above: (world) => ({
        ...world,
        index: { ...portOf(world.index), list: async (pk, prefix) => (pk === 'OPEN' ? [] : world.index.list(pk, prefix)) },
      }),
    },
  },
};

const portOf = (index: Index): Index => ({
  get: (key) => index.get(key),
  list: (pk, prefix) => index.list(pk, prefix),
  commit: (writes) => index.commit(writes),
});

/** Answered as stored, and written with the transaction that names it: a moment too late. */
function envelopesLate(vault: Vault): Vault['putOnce'] {
  const held = new Map<VaultKey, Uint8Array>();
  return async (key, bytes) => {
    if (key.startsWith('events/') || key.startsWith('records/')) {
      held.set(key, bytes);
      return { kind: 'stored' };
    }
    const put = await vault.putOnce(key, bytes);
    if (key.startsWith('journal/')) for (const [late, its] of held) await vault.putOnce(late, its);
    return put;
  };
}

/** The order that forks a log: sign and publish the checkpoint, then see whether the tree may move. */
function signingFirst(world: Parameters<NonNullable<Safeguard['above']>>[0]): typeof world {
  const { index, vault, tlog } = world;
  const commit = async (writes: readonly Write[]) => {
    const moved = writes.find(({ key }) => key.pk === 'LOG' && key.sk === 'tree');
    if (moved?.kind === 'register') {
      const { size, root } = LogHeadRow.parse(moved.body);
      const text = checkpointText(tlog.origin, { size, root: Buffer.from(hexOf(root), 'hex') });
      const signed = signedCheckpoint(text, logKeyOf(tlog), await tlog.signer.sign(new TextEncoder().encode(text)));
      await vault.putOnce(checkpointKey(size), new TextEncoder().encode(signed));
    }
    return index.commit(writes);
  };
  return { ...world, index: { ...portOf(index), commit } };
}
