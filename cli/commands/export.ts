import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { EventHash } from '../../functions/domain/digest.ts';
import { InfrastructureError } from '../../functions/domain/errors.ts';
import { parseProof } from '../../functions/domain/log/proof.ts';
import { KEYS_FILE, keysText, PackKeys } from '../../functions/domain/pack/keys-file.ts';
import type { Result } from '../../functions/domain/result.ts';
import { checkpointKey, isVaultKey, proofKey } from '../../functions/domain/vault-keys.ts';
import type { Client } from '../client.ts';
import { EXIT, type Exit, note, say } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';

const Files = z.object({ event: EventHash, files: z.array(z.string()) });
const Timestamps = z.object({ timestamps: z.array(z.string()) });

/** Everything an auditor needs for one event: one zip when the name ends so, else a folder with the same files. */
export async function exportEvent(hash: string, flags: ServerFlags & { readonly out: string }): Promise<Exit> {
  const client = await clientFor(flags);
  const listed = await client.json(`/events/${hash}/files`, Files);
  if (!listed.ok) return refuse(listed.problems);
  const { event, files } = listed.value;
  const zipped = flags.out.endsWith('.zip');
  const { completePack, putFile, writeZip } = await import('../pack/write.ts');
  // Beside the place where it will lie, so that half a pack never has its name.
  const folder = zipped ? await mkdtemp(join(dirname(resolve(flags.out)), '.countersign-pack-')) : flags.out;
  try {
    const names: string[] = [];
    for await (const [name, bytes] of packFiles(client, event, files)) {
      await putFile(folder, name, bytes);
      names.push(name);
    }
    const all = await completePack(folder, event, names);
    if (zipped) {
      await writeZip(folder, all, join(folder, 'pack.zip'));
      await rename(join(folder, 'pack.zip'), flags.out);
    }
    note(`${all.length} files`);
    if (!all.includes(proofKey(event))) note('the log has no proof of it yet: export it again in a moment');
  } finally {
    if (zipped) await rm(folder, { recursive: true, force: true });
  }
  say(`${flags.out}: verify with \`countersign verify ${flags.out} --trust TRUST.json\``);
  return EXIT.yes;
}

/** For who holds it all in memory: the demo. */
export async function fetchEvidence(
  client: Client,
  hash: string,
): Promise<Result<{ event: EventHash; files: Map<string, Uint8Array> }>> {
  const listed = await client.json(`/events/${hash}/files`, Files);
  if (!listed.ok) return listed;
  const files = new Map<string, Uint8Array>();
  const { event } = listed.value;
  for await (const [name, bytes] of vaultFiles(client, event, listed.value.files)) files.set(name, bytes);
  return { ok: true, value: { event, files } };
}

type Fetched = AsyncGenerator<readonly [name: string, bytes: Uint8Array]>;

/** One after the other, so that memory holds one of them. */
async function* vaultFiles(client: Client, event: EventHash, keys: readonly string[]): Fetched {
  for (const key of keys) yield* object(client, key);
  yield* comparedProofs(client, event, keys);
  const proof = await client.fetch(`/events/${event}/proof`);
  if (!proof.ok) return;
  const bytes = new Uint8Array(await proof.arrayBuffer());
  yield [proofKey(event), bytes];
  const parsed = parseProof(new TextDecoder().decode(bytes));
  if (!parsed.ok) return;
  const { size } = parsed.value.checkpoint;
  yield* object(client, checkpointKey(size));
  const stamps = await client.json(`/log/timestamps/${size}`, Timestamps);
  for (const key of stamps.ok ? stamps.value.timestamps : []) yield* object(client, key);
}

/** Of the events it was compared with: should their key be stolen one day, a proof of today shows that they are older. */
async function* comparedProofs(client: Client, event: EventHash, keys: readonly string[]): Fetched {
  for (const key of keys) {
    const one = EventHash.safeParse(`sha256:${/^events\/([0-9a-f]{64})/.exec(key)?.[1]}`);
    if (!one.success || one.data === event) continue;
    const proof = await client.fetch(`/events/${one.data}/proof`);
    if (proof.ok) yield [proofKey(one.data), new Uint8Array(await proof.arrayBuffer())];
  }
}

async function* object(client: Client, key: string): Fetched {
  // The auditor's tool does not trust the audited server: a key is one of the agreed shapes, or nothing is written.
  if (!isVaultKey(key)) throw new UsageError(`the server names ${JSON.stringify(key)}, which is no object of a vault`);
  const bytes = await client.object(key);
  // What the server has lost is left out; the verifier names it.
  if (bytes !== undefined) yield [key, bytes];
}

async function* packFiles(client: Client, event: EventHash, keys: readonly string[]): Fetched {
  yield* vaultFiles(client, event, keys);
  const shown = await client.json('/log/keys', PackKeys);
  if (!shown.ok)
    throw new InfrastructureError('the server does not show its keys; is it of this version?', { retryable: false });
  yield [KEYS_FILE, new TextEncoder().encode(keysText(shown.value))];
}
