// What an operator asks of the seal function by name, with rights of their own account: the start, and changes of keys. All else comes
// from rows.
import type { Digest, EventHash } from '../domain/digest.ts';
import { digestOfKeys, type KeyChange } from '../domain/keys/set.ts';
import { invariant, type Problem, problem, type Result } from '../domain/result.ts';
import { keys } from '../domain/rows.ts';
import type { Trust } from '../domain/trust.ts';
import { sealWaiting } from '../drive.ts';
import { firstKeys, retire, rotate } from '../keys/changes.ts';
import { finishKeys, pendingKeys, sealedKeys } from '../keys/keys.ts';
import { strangeIn } from '../keys/pending.ts';
import { appendToLog } from '../log/append.ts';
import type { Signer, World } from '../ports.ts';
import { loadPack } from '../route/pack.ts';
import { begin } from '../seal/beginning.ts';
import { gatesOf } from './gates.ts';
import { readPackFiles } from './pack.ts';
import type { AwsWorld } from './world.ts';

type Begun = { readonly begun: 'now' | 'before'; readonly trust: Readonly<Record<string, Trust>> };

/** Signs a change of keys that is frozen, if it is one of ours; else answers why not, and everything else goes on. */
export async function finishOwn(
  world: Pick<World, 'vault' | 'index' | 'signer'> & Pick<AwsWorld, 'atHand'>,
): Promise<string | undefined> {
  const pending = await pendingKeys(world);
  if (pending === undefined) return undefined;
  const { signers, logs } = world.atHand;
  const own = new Set([...signers, ...logs.map(({ signer }) => signer)].map(({ keyid }) => keyid));
  const strange = strangeIn(pending.record, (await sealedKeys(world)).at(-1)?.record.keys, own);
  if (strange === undefined) await finishKeys(world, signers);
  return strange;
}

const notOurs = (strange: string): Refused => ({
  problems: [problem('NOT_WAITING', '', `a change of keys waits that nobody here asked for: ${strange}`)],
});

/**
 * Once for each deployment (R20); asked again it answers the same trust files. An operator keeps these: they go to whoever
 * verifies, and are believed because of how they were fetched.
 */
export async function beginning(world: AwsWorld): Promise<Begun | Refused> {
  const { organisation, retentionOwner } = world.settings;
  const files = await readPackFiles();
  const pack = loadPack(new Map([...files].map(([name, { bytes }]) => [name, bytes])));
  const begun = await begin(world, { organisation, retentionOwner }, { digest: pack.digest, files });
  if (!begun.ok && begun.problems.some(({ code }) => code !== 'ALREADY_STARTED')) return { problems: begun.problems };
  await firstKeys(world, world.tlog);
  const strange = await finishOwn(world);
  if (strange !== undefined) return notOurs(strange);
  await sealWaiting(world);
  return { begun: begun.ok ? 'now' : 'before', trust: Object.fromEntries(await gatesOf(world)) };
}

/** The newest key that no list names yet: infra/ made it, and from the rotation on it is the one. */
async function newcomer({ atHand, vault, index }: AwsWorld, use: 'seal' | 'checkpoint'): Promise<Signer | undefined> {
  const listed = (await sealedKeys({ vault, index })).at(-1)?.record.keys.keys ?? [];
  const own = use === 'seal' ? atHand.signers : atHand.logs.map(({ signer }) => signer);
  return own.findLast(({ keyid }) => !listed.some((key) => key.keyid === keyid));
}

export async function rotated(world: AwsWorld, use: 'seal' | 'checkpoint', reason: string): Promise<Changed | Refused> {
  const incoming = await newcomer(world, use);
  if (incoming !== undefined) {
    await tellWhere(world);
    return changed(world, await rotate(world, use, incoming, reason));
  }
  return {
    problems: [problem('NOT_FOUND', '/use', 'every key here is in the list: raise `keys` in the configuration and deploy')],
  };
}

/** Before the list changes: from then on older versions, which executions still wait with, must find the new key. */
async function tellWhere({ index, where }: AwsWorld): Promise<void> {
  for (;;) {
    const row = await index.get(keys.whereKeys);
    const write = {
      kind: 'register' as const,
      key: keys.whereKeys,
      body: where,
      expected: row?.revision ?? ('absent' as const),
    };
    if ((await index.commit([write])).kind === 'committed') return;
  }
}

type Refused = { readonly problems: readonly Problem[] };
export const retired = async (world: AwsWorld, reason: string): Promise<Changed | Refused> =>
  changed(world, await retire(world, reason));

type Changed = { readonly list: number; readonly keys: Digest; readonly event: EventHash };

async function changed(world: AwsWorld, frozen: Result<KeyChange>): Promise<Changed | Refused> {
  if (!frozen.ok) return { problems: frozen.problems };
  const strange = await finishOwn(world);
  if (strange !== undefined) return notOurs(strange);
  await appendToLog(world);
  const newest = (await sealedKeys(world)).at(-1);
  invariant(newest !== undefined, 'a change of keys was sealed');
  return { list: newest.record.keys.version, keys: digestOfKeys(newest.record.keys), event: newest.event };
}
