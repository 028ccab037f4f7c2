// A store whose sealing key is stolen: witnesses, an event before the theft, one after it, and what the thief makes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { trustIn as followed, followKeys } from '../../functions/domain/keys/follow.ts';
import { digestOfKeys, type KeySet } from '../../functions/domain/keys/set.ts';
import { noteKeyOf, SIGNATURE_TYPES, vkeyOf } from '../../functions/domain/log/note.ts';
import type { Instant } from '../../functions/domain/text.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import { compromise, firstKeys, rotate } from '../../functions/keys/changes.ts';
import { consentsTo } from '../../functions/keys/consent.ts';
import { finishKeys, formerKeys, sealedKeys, witnessedBefore } from '../../functions/keys/keys.ts';
import { appendToLog } from '../../functions/log/append.ts';
import { cosign, type Witness } from '../../functions/log/cosign.ts';
import { logKeyOf } from '../../functions/log/publish.ts';
import type { Signer } from '../../functions/ports.ts';
import { addCheckpoint } from '../../functions/witness/add-checkpoint.ts';
import { trustIn } from './evidence.ts';
import { accusedIn, WHY } from './key-folder.ts';
import { openTestLog, openWorld, type TestWorld } from './world.ts';

export type KeyedWorld = TestWorld & { readonly witness: Witness };

const add = (world: TestWorld, more: Partial<KeyedWorld>): KeyedWorld => Object.assign(Object.create(world), world, more);

/** A store with its first list of keys, and a witness on the same clock. */
export const openKeyedWorld = async (): Promise<KeyedWorld> => keyedFrom(await openWorld({ journal: true }));

export async function keyedFrom(world: TestWorld): Promise<KeyedWorld> {
  await firstKeys(world, world.tlog);
  await finishKeys(world, [world.signer]);
  const folder = join(world.folder, 'witness');
  await mkdir(folder);
  const { signer } = await openTestLog(folder);
  const key = noteKeyOf('w1.example.test', SIGNATURE_TYPES.cosignature, signer.spki);
  const logs = new Map([[world.tlog.origin, [logKeyOf(world.tlog)]]]);
  const memory = { index: new SqliteIndex(':memory:'), clock: world.clock, key, signer, logs };
  return add(world, { witness: { key, ask: (body) => addCheckpoint(memory, body) } });
}

export async function logAndWitness(world: KeyedWorld): Promise<void> {
  await appendToLog(world);
  const trouble = await cosign(world, [world.witness]);
  if (trouble.length > 0) throw new Error(JSON.stringify(trouble));
}

export const newSigner = (world: TestWorld, name: string): Promise<Signer> => openDevSigner(join(world.folder, `${name}.pem`));

/** The same store, sealing with another key from here on. */
export async function sealingWith(world: KeyedWorld, signer: Signer): Promise<KeyedWorld> {
  return add(world, { signer: { ...signer, former: await formerKeys(world, signer) } });
}

export async function rotated(world: KeyedWorld, signer: Signer): Promise<KeyedWorld> {
  const frozen = await rotate(world, 'seal', signer, WHY);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.problems));
  await finishKeys(world, [world.signer, signer]);
  return sealingWith(world, signer);
}

const witnessesOf = ({ witness }: KeyedWorld): NonNullable<Trust['witnesses']> => ({
  required: 1,
  vkeys: [vkeyOf(witness.key)],
});

/** Two custodians say so, and the store acts on it. */
export async function compromised(world: KeyedWorld, since: Instant, signer: Signer): Promise<KeyedWorld> {
  const { keyid } = world.signer;
  await accusedIn(world, keyid, since);
  const [first, second] = await consentsTo(world, { keyid, since });
  if (first === undefined || second === undefined) throw new Error('two people');
  const witnessed = await witnessedBefore(world.vault, since, witnessesOf(world));
  const frozen = await compromise(world, { keyid, since, reason: WHY, people: [first, second], witnessed }, signer);
  if (!frozen.ok) throw new Error(JSON.stringify(frozen.problems));
  await finishKeys(world, [signer]);
  return sealingWith(world, signer);
}

export async function keysOf(world: TestWorld): Promise<KeySet> {
  const newest = (await sealedKeys(world)).at(-1);
  if (newest === undefined) throw new Error('no list of keys');
  return newest.record.keys;
}

/** What a verifier believes who pinned this list, and the witness and the log of the store. */
export function pinned(world: KeyedWorld, set: KeySet, more: Partial<Trust> = {}): Trust {
  const logs = [{ vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' as const }];
  return followed(trustIn(world, { keys: [], logs, witnesses: witnessesOf(world), ...more }), set);
}

/** Follows the lists in the store from one that was pinned. */
export async function followedFrom(world: TestWorld, set: KeySet) {
  const envelopes = (await sealedKeys(world)).map(({ envelope }) => envelope);
  return followKeys(digestOfKeys(set), envelopes);
}

export const eventOf = ({ seal }: Dossier) => {
  if (seal === undefined) throw new Error('not sealed');
  return seal;
};
