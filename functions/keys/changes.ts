// What may change in the list of keys, and who signs it. Each answers a frozen change that `finishKeys` then seals.
import { problemsOfCustodians } from '../domain/event/verify-keys.ts';
import { firstSet, keyFrom, nextSet } from '../domain/keys/next.ts';
import { activeFor, type Custodian, type Key, type KeyChange, type KeySet, type KeyUse, keyOf } from '../domain/keys/set.ts';
import { fail, invariant, ok, problem, type Result } from '../domain/result.ts';
import type { Instant } from '../domain/text.ts';
import type { Signer, World } from '../ports.ts';
import { freezeKeys, oldestUnsealed, pendingKeys, sealedKeys } from './keys.ts';

type KeysWorld = Pick<World, 'vault' | 'index' | 'signer' | 'clock'>;
export type Incoming = Pick<Signer, 'keyid' | 'spki' | 'algorithm' | 'keyClass'>;

/** The list that the next one follows. */
async function newestSet(world: KeysWorld): Promise<Result<KeySet>> {
  if (await pendingKeys(world)) return fail(problem('NOT_WAITING', '', 'another change of keys is not finished'));
  const newest = (await sealedKeys(world)).at(-1);
  return newest ? ok(newest.record.keys) : fail(problem('NOT_INITIALISED', '', 'this store has no list of keys yet'));
}

/** The first list: the keys that the store has, each for a year from now. A store that has one keeps it. */
export async function firstKeys(world: KeysWorld, tlog: { origin: string; signer: Incoming }): Promise<void> {
  if ((await sealedKeys(world)).length > 0 || (await pendingKeys(world))) return;
  const at = world.clock.now();
  const set = firstSet([
    keyFrom(described(world.signer, ['seal', 'release']), await oldestUnsealed(world, at), at),
    keyFrom(described(tlog.signer, ['checkpoint'], tlog.origin), at, at),
  ]);
  const reason = 'The keys that this store has from now on.';
  await freezeKeys(world, { kind: 'keyChange', keys: set, change: { what: 'first' }, reason, at }, [world.signer.keyid]);
}

const described = ({ keyid, spki, algorithm, keyClass }: Incoming, use: KeyUse[], name?: string) => ({
  ...{ keyid, spki, algorithm, class: keyClass, use },
  ...(name === undefined ? {} : { name }),
});

/** One key takes over from another. A sealing key that goes signs too, so that who pinned the list before can follow. */
export async function rotate(
  world: KeysWorld,
  use: 'seal' | 'checkpoint',
  incoming: Incoming,
  reason: string,
): Promise<Result<KeyChange>> {
  const newest = await newestSet(world);
  if (!newest.ok) return newest;
  const out = activeFor(newest.value, use).at(-1);
  const [sealing] = activeFor(newest.value, 'seal');
  invariant(out !== undefined && sealing !== undefined, 'a list has a key for each use');
  if (keyOf(newest.value, incoming.keyid)) return fail(problem('INVALID_VALUE', '', 'this key is in the list already'));
  if (activeFor(newest.value, use).length > 1)
    return fail(problem('NOT_WAITING', '', 'two keys sign checkpoints: retire the older one first'));
  const at = world.clock.now();
  const over = at > sealing.notAfter;
  if (over && use === 'checkpoint') return fail(problem('KEY_EXPIRED', '', 'rotate the sealing key first'));
  const added = keyFrom(described(incoming, out.use, out.name), use === 'seal' ? await oldestUnsealed(world, at) : at, at);
  const change = { what: 'rotation' as const, out: out.keyid, in: incoming.keyid };
  // What a key signs after its window nobody takes, so it does not sign: readers then pin the new list by hand.
  const signers = use === 'checkpoint' ? [sealing.keyid] : over ? [incoming.keyid] : [out.keyid, incoming.keyid];
  return frozen(world, newest.value, { change, reason, at }, added, signers);
}

/** The end of the time in which two keys sign checkpoints. */
export async function retire(world: KeysWorld, reason: string): Promise<Result<KeyChange>> {
  const newest = await newestSet(world);
  if (!newest.ok) return newest;
  const [oldest, ...others] = activeFor(newest.value, 'checkpoint');
  const [sealing] = activeFor(newest.value, 'seal');
  invariant(sealing !== undefined, 'a list has a key to seal');
  if (oldest === undefined || others.length === 0)
    return fail(problem('NOT_WAITING', '', 'only one key signs checkpoints: there is none to retire'));
  const change = { what: 'retirement' as const, out: oldest.keyid };
  return frozen(world, newest.value, { change, reason, at: world.clock.now() }, undefined, [sealing.keyid]);
}

export type Theft = {
  readonly keyid: string;
  readonly since: Instant;
  readonly reason: string;
  readonly people: readonly [Custodian, Custodian];
  readonly witnessed: Extract<KeyChange['change'], { what: 'compromise' }>['witnessed'];
};

/** Two people say that a key is stolen. Never signed by that key: whoever has it could say anything with it. */
export async function compromise(
  world: KeysWorld,
  { keyid, since, reason, people, witnessed }: Theft,
  incoming: Incoming,
): Promise<Result<KeyChange>> {
  const newest = await newestSet(world);
  if (!newest.ok) return newest;
  const wrong = problemsOfCustodians(people);
  if (wrong.length > 0) return fail(...wrong);
  const at = world.clock.now();
  const stolen = keyOf(newest.value, keyid);
  if (stolen === undefined) return fail(problem('NOT_FOUND', '', `no key ${keyid} is in the list`));
  if (stolen.status === 'compromised') return fail(problem('OTHER_ANSWER_STORED', '', 'it is called compromised already'));
  if (since > at) return fail(problem('INVALID_VALUE', '/since', 'a key is stolen in the past'));
  const active = stolen.status === 'active';
  const from = stolen.use.includes('seal') ? await oldestUnsealed(world, at) : at;
  const added = active ? keyFrom(described(incoming, stolen.use, stolen.name), from, at) : undefined;
  const whole = activeFor(newest.value, 'seal').find((key) => key.keyid !== keyid);
  const signers = [...(whole ? [whole.keyid] : []), ...(added?.use.includes('seal') ? [added.keyid] : [])];
  const change = {
    what: 'compromise' as const,
    out: keyid,
    in: added?.keyid ?? null,
    since,
    witnessed,
    people: [...people] as [Custodian, Custodian],
  };
  return frozen(world, newest.value, { change, reason, at }, added, signers);
}

async function frozen(
  world: KeysWorld,
  before: KeySet,
  { change, reason, at }: Pick<KeyChange, 'change' | 'reason' | 'at'>,
  added: Key | undefined,
  signers: readonly string[],
): Promise<Result<KeyChange>> {
  const record: KeyChange = { kind: 'keyChange', keys: nextSet(before, change, at, added), change, reason, at };
  await freezeKeys(world, record, signers);
  return ok(record);
}
