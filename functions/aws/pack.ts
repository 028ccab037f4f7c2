// The policy pack that came with this deployment, beside the code of the seal function.
import { readdir, readFile } from 'node:fs/promises';
import { type Digest, digestOf } from '../domain/digest.ts';

const FOLDER = new URL('./pack/', import.meta.url);

export async function readPackFiles(): Promise<ReadonlyMap<string, { readonly digest: Digest; readonly bytes: Uint8Array }>> {
  const files = new Map<string, { digest: Digest; bytes: Uint8Array }>();
  for (const name of (await readdir(FOLDER)).sort()) {
    const bytes = new Uint8Array(await readFile(new URL(name, FOLDER)));
    files.set(name, { digest: digestOf(bytes), bytes });
  }
  return files;
}
