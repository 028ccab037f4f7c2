// A pack without a server: the exported set of a sealed request, with proof and keys, as `export` writes it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { evidenceIn } from '../../cli/commands/evidence-folder.ts';
import { judgePack } from '../../cli/pack/judge.ts';
import type { OpenedPack } from '../../cli/pack/open.ts';
import { completePack, putFile, writeZip } from '../../cli/pack/write.ts';
import { withCompanions } from '../../functions/companions.ts';
import { type Digest, digestOf, type EventHash } from '../../functions/domain/digest.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { vkeyOf } from '../../functions/domain/log/note.ts';
import { parseProof } from '../../functions/domain/log/proof.ts';
import { TOOLS } from '../../functions/domain/pack/check.ts';
import { KEYS_FILE, keysText, NOTICE } from '../../functions/domain/pack/keys-file.ts';
import { INDEX, listingText } from '../../functions/domain/pack/listing.ts';
import type { Trust } from '../../functions/domain/trust.ts';
import { checkpointKey, proofKey } from '../../functions/domain/vault-keys.ts';
import { sealedKeys } from '../../functions/keys/keys.ts';
import { logKeyOf } from '../../functions/log/publish.ts';
import { proofOf } from '../../functions/proofs.ts';
import { stolenSince } from '../../functions/sealed.ts';
import { evidenceOf, trustIn } from './evidence.ts';
import type { TestWorld } from './world.ts';

export type TestPack = { readonly event: EventHash; readonly zip: string; readonly folder: string; readonly trust: string };

/** What `export` asks the log for: the event's own proof, and those of the events it was compared with. */
async function addProof(world: TestWorld, all: Map<string, Uint8Array>, key: string): Promise<void> {
  const event = /^events\/([0-9a-f]{64})/.exec(key)?.[1];
  if (event === undefined) return;
  const hash = `sha256:${event}` as EventHash;
  const stolen = stolenSince(world.signer, all.get(key) ?? new Uint8Array());
  const proof = await proofOf(world, hash, stolen);
  if (proof !== undefined) all.set(proofKey(hash), new TextEncoder().encode(proof));
}

/** All files of a folder, by name. */
export function filesUnder(root: string): Map<string, Uint8Array> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(root, name)).isFile());
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(root, name)))]));
}

/** As somebody would who knows of the index: it says what is there now. */
export function reindexed(all: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const listed = [...all].filter(([name]) => name !== INDEX);
  const digests = new Map(listed.map(([name, bytes]) => [name, digestOf(bytes)]));
  return new Map(all).set(INDEX, new TextEncoder().encode(listingText(digests)));
}

const inMemory = (all: ReadonlyMap<string, Uint8Array>): OpenedPack => ({
  get: async (name) => all.get(name),
  size: async (name) => all.get(name)?.byteLength,
  names: async () => [...all.keys()].sort(),
  zip: false,
});

/** What the checks say that say no; `none` when nothing does. A pack that names no event at all is a no of its own. */
export async function failingIn(
  all: ReadonlyMap<string, Uint8Array>,
  trust: Trust,
  tools: ReadonlyMap<string, Digest>,
): Promise<string> {
  try {
    const judged = await judgePack(await evidenceIn(inMemory(all), 'pack'), trust, async () => tools);
    const wrong = judged.checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
    const foreign = judged.notProven.filter((line) => [...TOOLS, KEYS_FILE].some((name) => line.startsWith(name)));
    return [...wrong, ...foreign].join('\n') || 'none';
  } catch (error) {
    return error instanceof Error ? `refused: ${error.message}` : 'refused';
  }
}

export async function packOf(world: TestWorld, dossier: Dossier): Promise<TestPack> {
  const { event, files } = await evidenceOf(world, dossier);
  const folder = join(world.folder, 'pack');
  const all = new Map(files);
  for (const key of await withCompanions(world, [...files.keys()]))
    all.set(key, files.get(key) ?? (await world.vault.get(key)) ?? new Uint8Array());
  for (const key of files.keys()) await addProof(world, all, key);
  const own = all.get(proofKey(event));
  const proof = own && new TextDecoder().decode(own);
  const parsed = proof === undefined ? undefined : parseProof(proof);
  if (proof === undefined || !parsed?.ok) throw new Error('not logged');
  const { size } = parsed.value.checkpoint;
  all.set(checkpointKey(size), (await world.vault.get(checkpointKey(size))) ?? new Uint8Array());
  const { keyid, spki } = world.signer;
  const list = (await sealedKeys(world)).at(-1);
  const log = { vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' as const };
  const keys = {
    schema: 'pack-keys/v0' as const,
    notice: NOTICE,
    signing: [{ keyid, class: 'dev' as const, spki }],
    logs: [log],
    ...(list && { list: list.record.keys }),
  };
  all.set(KEYS_FILE, new TextEncoder().encode(keysText(keys)));
  for (const [name, bytes] of all) await putFile(folder, name, bytes);
  const names = await completePack(folder, event, [...all.keys()]);
  const zip = join(world.folder, 'pack.zip');
  await writeZip(folder, names, zip);
  const trust = join(world.folder, 'trust.json');
  await mkdir(dirname(trust), { recursive: true });
  await writeFile(trust, `${JSON.stringify(trustIn(world, { logs: [log], proof: 'inclusion' }), null, 2)}\n`);
  return { event, zip, folder, trust };
}
