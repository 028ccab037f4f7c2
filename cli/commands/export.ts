import { z } from 'zod';
import { EventHash } from '../../functions/domain/digest.ts';
import type { Result } from '../../functions/domain/result.ts';
import { isVaultKey, proofKey } from '../../functions/domain/vault-keys.ts';
import type { Client } from '../client.ts';
import { EXIT, type Exit, note, say } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { clientFor, refuse, type ServerFlags } from './context.ts';
import { writeEvidence } from './evidence-folder.ts';

const Files = z.object({ event: EventHash, files: z.array(z.string()) });

/** Everything an auditor needs for one event, as files. */
export async function exportEvent(hash: string, flags: ServerFlags & { readonly out: string }): Promise<Exit> {
  const client = await clientFor(flags);
  const files = await fetchEvidence(client, hash);
  if (!files.ok) return refuse(files.problems);
  await writeEvidence(flags.out, files.value.event, files.value.files);
  note(`${files.value.files.size} objects`);
  if (!files.value.files.has(proofKey(files.value.event))) note('the log has no proof of it yet: export it again in a moment');
  say(`${flags.out}: verify with \`countersign verify ${flags.out} --trust TRUST.json\``);
  return EXIT.yes;
}

export async function fetchEvidence(
  client: Client,
  hash: string,
): Promise<Result<{ event: EventHash; files: Map<string, Uint8Array> }>> {
  const listed = await client.json(`/events/${hash}/files`, Files);
  if (!listed.ok) return listed;
  const files = new Map<string, Uint8Array>();
  for (const key of listed.value.files) {
    // The auditor's tool does not trust the audited server: a key is one of the agreed shapes, or nothing is written.
    if (!isVaultKey(key)) throw new UsageError(`the server names ${JSON.stringify(key)}, which is no object of a vault`);
    const bytes = await client.object(key);
    // What the server has lost is left out; the verifier names it.
    if (bytes !== undefined) files.set(key, bytes);
  }
  // Of the events it was compared with too: should their key be stolen one day, a proof of today shows that they are older.
  const before = [...files.keys()].flatMap((key) => /^events\/([0-9a-f]{64})/.exec(key)?.[1] ?? []);
  for (const one of new Set([listed.value.event, ...before.map((hex) => EventHash.parse(`sha256:${hex}`))])) {
    const proof = await client.fetch(`/events/${one}/proof`);
    if (proof.ok) files.set(proofKey(one), new Uint8Array(await proof.arrayBuffer()));
  }
  return { ok: true, value: { event: listed.value.event, files } };
}
