// The keys of a data folder in the hands of its operator. Each change is frozen first and then finished by opening the folder,
// which is also what the next start would do (own-keys.ts).

import { rename, rm } from 'node:fs/promises';
import { openDevSigner } from '../../functions/adapters/local/dev-signer.ts';
import { InlineWorkflow } from '../../functions/adapters/local/inline-workflow.ts';
import { makeNoteSigner, openNoteSigner } from '../../functions/adapters/local/note-signer.ts';
import { SqliteIndex } from '../../functions/adapters/local/sqlite-index.ts';
import { digestOfKeys, type Key, type KeyChange } from '../../functions/domain/keys/set.ts';
import { vkeyOf } from '../../functions/domain/log/note.ts';
import { fail, invariant, problem, type Result } from '../../functions/domain/result.ts';
import { Instant, prose } from '../../functions/domain/text.ts';
import { compromise, firstKeys, type Incoming, retire, rotate } from '../../functions/keys/changes.ts';
import { consentsTo } from '../../functions/keys/consent.ts';
import { finishKeys, sealedKeys, witnessedBefore } from '../../functions/keys/keys.ts';
import { reattest } from '../../functions/keys/reattest.ts';
import { appendToLog } from '../../functions/log/append.ts';
import { packsFrom } from '../../functions/packs.ts';
import { openStores, openVault, paths, readConfig, type Stores, UsageError } from '../embedded.ts';
import { EXIT, type Exit, json, note, say } from '../output.ts';
import { keyFiles } from '../own-keys.ts';
import { exists } from '../stored-index.ts';
import { readWitnesses } from '../witnesses.ts';
import { refuse } from './context.ts';

type Folder = { readonly data: string };
type Why = Folder & { readonly reason: string };

export async function list({ data, json: asJson }: Folder & { readonly json?: true }): Promise<Exit> {
  await readConfig(data);
  const file = paths(data).index;
  if (!(await exists(file))) throw new UsageError(`${file} is missing`);
  const index = new SqliteIndex(file);
  const newest = (await sealedKeys({ vault: openVault(data), index }).finally(() => index.close())).at(-1);
  if (newest === undefined) {
    note('this folder has no list of keys yet: the first `countersign keys rotate` makes one');
    return EXIT.no;
  }
  const { keys } = newest.record;
  if (asJson) json({ event: newest.event, digest: digestOfKeys(keys), keys });
  else {
    for (const key of keys.keys) say(keyText(key));
    say(`list ${keys.version}, ${digestOfKeys(keys)}`);
    say(`  sealed by ${newest.event}`);
  }
  return EXIT.yes;
}

/** Two lines: `keys accuse` takes the whole id, and a cell of a table would break it. */
const keyText = (key: Key): string =>
  `${key.keyid}  ${key.compromisedSince ? `${key.status} since ${key.compromisedSince}` : key.status}
  class ${key.class}, to ${key.use.join(', ')}, from ${key.notBefore} until ${key.notAfter}`;

export const rotateKey = (use: 'seal' | 'checkpoint', { data, reason }: Why): Promise<Exit> =>
  change(data, reason, async (stores) => rotate(stores, use, await incoming(data, use, stores), reason));

export const retireKey = ({ data, reason }: Why): Promise<Exit> => change(data, reason, (stores) => retire(stores, reason));

/** What two custodians said on the server becomes the next list, signed by a key that was not stolen. */
export function compromiseKey(keyid: string, { data, reason, since: text }: Why & { readonly since: string }) {
  const since = Instant.safeParse(text);
  if (!since.success) throw new UsageError(`--since ${text}: write an instant such as 2026-11-21T09:30:00.000Z`);
  return change(data, reason, async (stores) => {
    const [first, second] = await consentsTo(stores, { keyid, since: since.data });
    if (first === undefined || second === undefined) {
      const detail = `${first ? 'one person has' : 'nobody has'} said so; two custodians must, with the same --since`;
      return fail(problem('SEPARATION', '', detail));
    }
    const known = (await readWitnesses(data)).map(({ key }) => vkeyOf(key));
    const witnesses = { required: 1, vkeys: known };
    const witnessed = await witnessedBefore(stores.vault, since.data, known.length > 0 ? witnesses : undefined);
    const use = keyid === stores.tlog.signer.keyid ? 'checkpoint' : 'seal';
    const theft = { keyid, since: since.data, reason, people: [first, second] as const, witnessed };
    return compromise(stores, theft, await incoming(data, use, stores));
  });
}

/** Under the key of today. It may run again at any time, and says what it could not find. */
export async function reattestEvents({ data, reason }: Why): Promise<Exit> {
  await alone(data, reason);
  const stores = await openStores(data);
  try {
    const quiet = new InlineWorkflow(
      async () => undefined,
      () => undefined,
    );
    const { again, refused } = await reattest({ ...stores, workflow: quiet, packs: packsFrom(stores.vault) }, reason);
    await appendToLog(stores);
    for (const event of again) say(`re-attested ${event}`);
    for (const { key, why } of refused) say(`refused ${key}: ${why}`);
    say(`${again.length} events said again, ${refused.length} refused`);
    return refused.length === 0 ? EXIT.yes : EXIT.no;
  } finally {
    stores.close();
  }
}

async function change(data: string, reason: string, freeze: (stores: Stores) => Promise<Result<KeyChange>>): Promise<Exit> {
  await alone(data, reason);
  const stores = await openStores(data);
  try {
    await firstKeys(stores, stores.tlog);
    await finishKeys(stores, [stores.signer]);
    const frozen = await freeze(stores);
    if (!frozen.ok) return refuse(frozen.problems);
  } finally {
    stores.close();
  }
  // As any opening does: seal what was frozen, and put the files in their place.
  const opened = await openStores(data);
  try {
    await appendToLog(opened);
    const newest = (await sealedKeys(opened)).at(-1);
    if (newest === undefined) return EXIT.cannotTell;
    say(`list ${newest.record.keys.version} of keys, ${digestOfKeys(newest.record.keys)}\n  sealed by ${newest.event}`);
    for (const line of afterwards(data, newest.record.change)) say(line);
    return EXIT.yes;
  } finally {
    opened.close();
  }
}

function afterwards(data: string, { what }: KeyChange['change']): string[] {
  const follow = `countersign keys follow ${data}/trust-*.json ${data}/release-trust.json --from ${data}`;
  if (what !== 'compromise') return [`who pins the list before goes on with: ${follow}`];
  return [
    'nobody can follow to this list from the one before: tell every verifier its digest yourself, by another way than this server',
    `they then run: ${follow} --pin <that digest>`,
    'honest events since the theft that no witness had seen: countersign keys reattest',
  ];
}

/** A running server holds the old key in memory and would go on sealing with it. */
async function alone(data: string, reason: string): Promise<void> {
  const said = prose(10, 2000).safeParse(reason);
  if (!said.success) throw new UsageError(`--reason: ${said.error.issues[0]?.message}`);
  const { baseUrl } = await readConfig(data);
  const served = await fetch(`${baseUrl}/healthz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  if (served !== undefined) throw new UsageError(`a server answers at ${baseUrl}: stop it first`);
}

/** The key that comes in, made once: a crash before the change was frozen leaves it for the next try. */
async function incoming(data: string, use: 'seal' | 'checkpoint', { tlog }: Pick<Stores, 'tlog'>): Promise<Incoming> {
  const { nextSigner, nextLog } = keyFiles(data);
  const file = use === 'seal' ? nextSigner : nextLog;
  if (!(await exists(file))) {
    // Whole or not there: half a key under this name would keep the folder from opening.
    const making = `${file}.making`;
    await rm(making, { force: true });
    if (use === 'seal') await openDevSigner(making);
    else await makeNoteSigner(making, () => tlog.origin);
    await rename(making, file);
  }
  const made = use === 'seal' ? await openDevSigner(file) : (await openNoteSigner(file))?.signer;
  invariant(made !== undefined, 'a key that was made is there');
  return made;
}
