// Is a pack exactly what its evidence makes? Beside `verifyEvent`, which judges the one event: here each other byte is accounted for.
import { z } from 'zod';
import { type Digest, digestOf, type EventHash } from '../digest.ts';
import { openEnvelope } from '../event/envelope.ts';
import { type Predicate, parseStatement, sealedAt } from '../event/statement.ts';
import { verifyProven } from '../event/verify-proven.ts';
import { parseProof } from '../log/proof.ts';
import { parseBytes } from '../parse.ts';
import { type Check, no, type Trust, yes } from '../trust.ts';
import { checkpointKey, isVaultKey, proofKey, type Read } from '../vault-keys.ts';
import { companionsOf, faultyProofs } from './companions.ts';
import { derivedFiles, EVENT_FILES, envelopeIn, hexName } from './derived.ts';
import { listsOf, sealedLists, soundLists } from './key-lists.ts';
import { checkKeysFile, KEYS_FILE } from './keys-file.ts';
import { INDEX, listingFaults } from './listing.ts';
import { isMemberName } from './zip.ts';

/** Texts that come with a pack and say nothing of the event: what the program at hand writes under these names. */
export const README = 'README.txt';
export const RECIPE = 'verify.sh';
export const PAGE = 'verifier.html';
export const TOOLS = [README, RECIPE, PAGE];

export type PackFiles = { readonly names: readonly string[]; readonly read: Read };

export type PackQuestion = {
  readonly event: EventHash;
  readonly trust: Trust;
  /** Vault keys that belong to this event, worked out from the pack itself; throws where it cannot be followed. */
  readonly belonging: () => Promise<readonly string[]>;
  /** Digests of the tools as this program writes them. */
  readonly tools: ReadonlyMap<string, Digest>;
};

export type PackVerdict = { readonly checks: readonly Check[]; readonly notProven: readonly string[] };

export async function checkPack(pack: PackFiles, question: PackQuestion): Promise<PackVerdict> {
  const digests = new Map<string, Digest>();
  for (const name of pack.names) {
    const bytes = await pack.read(name);
    if (bytes !== undefined) digests.set(name, digestOf(bytes));
  }
  const checks = [
    await checkListing(pack, digests),
    await checkMembers(pack, question),
    checkObjects(digests),
    await checkPolicies(pack, digests),
    await checkEnvelopes(pack, question),
    await checkDerived(pack, digests, question.event),
    await checkCheckpoint(pack, question),
  ];
  const bytes = await pack.read(KEYS_FILE);
  const keys = bytes === undefined ? undefined : checkKeysFile(bytes, question.trust, await sealedLists(pack));
  if (keys !== undefined) checks.push(keys.check);
  return { checks, notProven: [...(keys?.notProven ?? []), ...foreignTools(digests, question.tools)] };
}

const bad = (name: string, detail: string): Check => no(name, 'PACK_INVALID', detail);

async function checkListing({ read }: PackFiles, digests: ReadonlyMap<string, Digest>): Promise<Check> {
  const bytes = await read(INDEX);
  if (bytes === undefined) return bad('index', `${INDEX} is missing`);
  const faults = listingFaults(new TextDecoder().decode(bytes), digests);
  return faults.length === 0 ? yes('index', `${digests.size - 1} files as listed`) : bad('index', told(faults));
}

const told = (faults: readonly string[]): string =>
  `${faults.slice(0, 5).join('; ')}${faults.length > 5 ? `; and ${faults.length - 5} more` : ''}`;

/** No file but those that the event leads to. Which of those are missing is each field's own to say. */
async function checkMembers(pack: PackFiles, { event, belonging }: PackQuestion): Promise<Check> {
  const { names } = pack;
  let keys: readonly string[];
  try {
    keys = await belonging();
  } catch (error) {
    return bad('contents', `what belongs to the event cannot be followed: ${error instanceof Error ? error.message : error}`);
  }
  const known = new Set([...keys, ...(await companionsOf(pack)), ...EVENT_FILES, ...TOOLS, KEYS_FILE, INDEX, proofKey(event)]);
  const extra = names.filter(
    (name) => !isMemberName(name) || !(known.has(name) || /^log\/(?:checkpoints|timestamps)\//.test(name)),
  );
  return extra.length === 0
    ? yes('contents', `${names.length} files, each of which belongs to this event`)
    : bad('contents', `does not belong to this event: ${told(extra)}`);
}

function checkObjects(digests: ReadonlyMap<string, Digest>): Check {
  const objects = [...digests].filter(([name]) => /^(?:blobs|said)\//.test(name));
  const wrong = objects.filter(([name, digest]) => digest !== `sha256:${hexName(name)}`).map(([name]) => name);
  return wrong.length === 0
    ? yes('objects', `${objects.length} objects are the bytes that their names say`)
    : bad('objects', `not the bytes that the name says: ${told(wrong)}`);
}

const PackManifest = z.object({ files: z.record(z.string(), z.string()) });

/** A policy is named by its manifest, and each of its files by that. The signature of a release is the activation's to check. */
async function checkPolicies({ read }: PackFiles, digests: ReadonlyMap<string, Digest>): Promise<Check> {
  const files = [...digests].filter(([name]) => name.startsWith('packs/'));
  const wrong: string[] = [];
  for (const [name, digest] of files) {
    const [, folder, file = ''] = /^(packs\/[0-9a-f]{64}\/)(.+)$/.exec(name) ?? [];
    const manifest = await read(`${folder}manifest.json`);
    const parsed = manifest && parseBytes(PackManifest, manifest);
    const named = parsed?.ok ? parsed.value.files[file] : undefined;
    const expected = file === 'manifest.json' ? `sha256:${hexName(name)}` : named;
    if (file !== 'release.dsse.json' && digest !== expected) wrong.push(name);
  }
  return wrong.length === 0
    ? yes('policies', `${files.length} policy files as their manifests name them`)
    : bad('policies', `not as its manifest names it: ${told(wrong)}`);
}

/** Every event that came along, not only those whose contents the verifier reads: by a trusted key, under its own hash. */
async function checkEnvelopes(pack: PackFiles, { event, trust }: PackQuestion): Promise<Check> {
  const { names, read } = pack;
  const [lists, sound] = [await listsOf(pack), await soundLists(pack, trust)];
  const keys = names.filter((name) => /^(?:events|records|reattested)\//.test(name));
  const wrong: string[] = [];
  for (const key of keys) {
    const bytes = (await read(key)) ?? new Uint8Array();
    const opened = openEnvelope(bytes);
    const statement = opened.ok ? parseStatement(opened.value.payload) : undefined;
    if (!opened.ok || !statement?.ok || !liesRight(key, opened.value.hash, statement.value.predicate)) wrong.push(key);
    else if (lists.some(({ name }) => name === key) && !sound.has(key)) wrong.push(key);
    // A list that came along says nothing of the event, and may be of a key that was stolen since.
    else if (sound.has(key) && opened.value.hash !== event) continue;
    else if (!(await verifyProven({ bytes, opened: opened.value }, trust, sealedAt(statement.value.predicate), read)).ok)
      wrong.push(key);
  }
  return wrong.length === 0
    ? yes('envelopes', `${keys.length} signed by keys you trust, each under its own hash`)
    : bad('envelopes', `changed, or not signed by a key you trust: ${told(wrong)}`);
}

/** What was said again of an event lies under the event's name, everything else under its own. */
const liesRight = (key: string, hash: EventHash, predicate: Predicate): boolean =>
  key.startsWith('reattested/')
    ? predicate.kind === 'reattestation' && predicate.event === `sha256:${hexName(key)}`
    : hash === `sha256:${hexName(key)}`;

async function checkDerived({ read }: PackFiles, digests: ReadonlyMap<string, Digest>, event: EventHash): Promise<Check> {
  const opened = openEnvelope((await envelopeIn(read, event)) ?? new Uint8Array());
  if (!opened.ok) return bad('copies', 'the envelope of the event does not open');
  const made = await derivedFiles(opened.value, read);
  const wrong = EVENT_FILES.filter((name) => {
    const bytes = made.get(name);
    return digests.get(name) !== (bytes && digestOf(bytes));
  });
  return wrong.length === 0
    ? yes('copies', `${made.size} files say what the envelope says`)
    : bad('copies', `says something else than the envelope: ${told(wrong)}`);
}

/** The proof carries a checkpoint; the file of it, which timestamps are over, is the same one as the log alone signed it. */
async function checkCheckpoint(pack: PackFiles, { event, trust }: PackQuestion): Promise<Check> {
  const { names, read } = pack;
  const faulty = await faultyProofs(pack, event, trust);
  if (faulty.length > 0) return bad('checkpoint', told(faulty));
  const files = names.filter((name) => name.startsWith('log/') && !name.startsWith('log/proofs/'));
  const proof = await read(proofKey(event));
  if (proof === undefined)
    return files.length === 0 ? yes('checkpoint', 'none: no proof of the log came along') : bad('checkpoint', told(files));
  const parsed = parseProof(new TextDecoder().decode(proof));
  if (!parsed.ok) return bad('checkpoint', 'the proof does not read');
  const { size, note } = parsed.value.checkpoint;
  const own = await read(checkpointKey(size));
  const text = own && new TextDecoder().decode(own);
  if (text === undefined || !text.startsWith(`${note.text}\n— `) || !new TextDecoder().decode(proof).includes(text))
    return bad('checkpoint', `${checkpointKey(size)} is not the checkpoint of the proof`);
  const others = files.filter((name) => name !== checkpointKey(size) && !name.startsWith(`log/timestamps/${size}/`));
  const odd = [...others, ...files.filter((name) => !isVaultKey(name))];
  return odd.length === 0 ? yes('checkpoint', `that of the proof, tree of ${size}`) : bad('checkpoint', told(odd));
}

/** Nothing sealed binds a tool. So one that is not ours is named: the evidence stands without it, but nobody should run it. */
function foreignTools(digests: ReadonlyMap<string, Digest>, tools: ReadonlyMap<string, Digest>): string[] {
  return TOOLS.filter((name) => digests.has(name) && digests.get(name) !== tools.get(name)).map(
    (name) => `${name}: not the one that this version writes, and nothing signed binds it; use your own instead`,
  );
}
