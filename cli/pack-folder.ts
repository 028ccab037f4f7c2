import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf } from '../functions/domain/digest.ts';
import { loadPack, PACK_FILES, type Pack } from '../functions/route/pack.ts';

/** The pack that comes with this version. */
export const SHIPPED_PACK = join(import.meta.dirname, '..', 'policies', 'dist');

export type PackFolder = { readonly pack: Pack; readonly files: ReadonlyMap<string, { digest: Digest; bytes: Uint8Array }> };

/** Reads and checks a built pack: one changed byte and it does not load. */
export async function readPackFolder(folder: string): Promise<PackFolder> {
  const files = new Map<string, Uint8Array>();
  for (const name of ['manifest.json', ...PACK_FILES]) files.set(name, new Uint8Array(await readFile(join(folder, name))));
  const named = new Map([...files].map(([name, bytes]) => [name, { digest: digestOf(bytes), bytes }]));
  return { pack: loadPack(files), files: named };
}
