// A pack without a server: the exported set of a sealed request, with proof and keys, as `export` writes it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { completePack, putFile, writeZip } from '../../cli/pack/write.ts';
import type { EventHash } from '../../functions/domain/digest.ts';
import type { Dossier } from '../../functions/domain/dossier.ts';
import { vkeyOf } from '../../functions/domain/log/note.ts';
import { parseProof } from '../../functions/domain/log/proof.ts';
import { KEYS_FILE, keysText, NOTICE } from '../../functions/domain/pack/keys-file.ts';
import { checkpointKey, proofKey } from '../../functions/domain/vault-keys.ts';
import { logKeyOf } from '../../functions/log/publish.ts';
import { proofOf } from '../../functions/proofs.ts';
import { evidenceOf, trustIn } from './evidence.ts';
import type { TestWorld } from './world.ts';

export type TestPack = { readonly event: EventHash; readonly zip: string; readonly folder: string; readonly trust: string };

export async function packOf(world: TestWorld, dossier: Dossier): Promise<TestPack> {
  const { event, files } = await evidenceOf(world, dossier);
  const folder = join(world.folder, 'pack');
  const all = new Map(files);
  const proof = await proofOf(world, event);
  const parsed = proof === undefined ? undefined : parseProof(proof);
  if (proof === undefined || !parsed?.ok) throw new Error('not logged');
  const { size } = parsed.value.checkpoint;
  all.set(proofKey(event), new TextEncoder().encode(proof));
  all.set(checkpointKey(size), (await world.vault.get(checkpointKey(size))) ?? new Uint8Array());
  const { keyid, spki } = world.signer;
  const log = { vkey: vkeyOf(logKeyOf(world.tlog)), class: 'dev' as const };
  const keys = {
    schema: 'pack-keys/v0' as const,
    notice: NOTICE,
    signing: [{ keyid, class: 'dev' as const, spki }],
    logs: [log],
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
