// A release: a folder named by the pack's digest, holding the pack and the signature of whoever released it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, hexOf } from '../functions/domain/digest.ts';
import { envelopeBytes, preAuthEncoding } from '../functions/domain/event/envelope.ts';
import { PACK_PAYLOAD_TYPE, RELEASE_SIGNATURE } from '../functions/domain/release.ts';
import type { Signer } from '../functions/ports.ts';
import { RELEASE_FILES } from '../functions/route/release.ts';
import { UsageError } from './embedded.ts';
import { readPackFolder } from './pack-folder.ts';

/** Signs a built pack and writes it under its own name; the pack's bytes are checked before they are signed. */
export async function writeRelease(
  from: string,
  out: string,
  signer: Signer,
): Promise<{ readonly pack: Digest; readonly folder: string }> {
  const { pack, files } = await readPackFolder(from);
  const folder = join(out, hexOf(pack.digest));
  const manifest = files.get('manifest.json')?.bytes ?? new Uint8Array();
  const signature = await signer.sign(preAuthEncoding(manifest, PACK_PAYLOAD_TYPE));
  await mkdir(folder, { recursive: true });
  for (const [name, { bytes }] of files) await writeFile(join(folder, name), bytes);
  const envelope = envelopeBytes(manifest, signer.keyid, signature, PACK_PAYLOAD_TYPE);
  await writeFile(join(folder, RELEASE_SIGNATURE), envelope);
  return { pack: pack.digest, folder };
}

/** The files as they lie there, unchecked: what is wrong with them is the server's to say, in the words of the catalogue. */
export async function readRelease(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of RELEASE_FILES) {
    const bytes = await readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (bytes !== undefined) files.set(name, new Uint8Array(bytes));
  }
  if (!files.has('manifest.json')) throw new UsageError(`${folder} is not a policy release: it has no manifest.json`);
  return files;
}
