// A data folder with its keys, and the commands over it, in this process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { init } from '../../cli/commands/init.ts';
import { freePort } from '../../cli/demo/server-process.ts';
import { openStores, type Stores } from '../../cli/embedded.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { KEY_CUSTODIAN, type KeySet } from '../../functions/domain/keys/set.ts';
import type { Instant } from '../../functions/domain/text.ts';
import { consent } from '../../functions/keys/consent.ts';
import { sealedKeys } from '../../functions/keys/keys.ts';
import { identified } from './world.ts';

export const WHY = 'A drill of the change of keys.';
export const KIM = identified('person', 'person-kim', [KEY_CUSTODIAN]);
const LEE = identified('person', 'person-lee', [KEY_CUSTODIAN]);

export type KeyFolder = { readonly data: string; readonly remove: () => Promise<void> };

export async function keyFolder(): Promise<KeyFolder> {
  const data = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  const baseUrl = `http://127.0.0.1:${await freePort()}`;
  const made = await init({ data, baseUrl, organisation: 'Test Bank', retentionOwner: 'model-risk' }, () => undefined);
  if (made !== 0) throw new Error(`init answered ${made}`);
  return { data, remove: () => rm(data, { recursive: true, force: true }) };
}

/** Opens the folder as a start would, and closes it again. */
export async function inStores<T>(data: string, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(data);
  try {
    return await work(stores);
  } finally {
    stores.close();
  }
}

export async function newestIn(stores: Pick<Stores, 'vault' | 'index'>): Promise<KeySet> {
  const newest = (await sealedKeys(stores)).at(-1);
  if (newest === undefined) throw new Error('no list of keys');
  return newest.record.keys;
}

/** Custodians say that a key was stolen. */
export async function accusedIn(
  stores: Pick<Stores, 'vault' | 'index' | 'clock'>,
  keyid: string,
  since: Instant,
  people = [KIM, LEE],
): Promise<void> {
  for (const person of people) {
    const said = await consent(stores, canonicalBytes({ keyid, since }), person);
    if (!said.ok) throw new Error(JSON.stringify(said.problems));
  }
}
