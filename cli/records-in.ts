// Sealed records as they lie in an exported event, a vault or a data folder.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plainFileIn } from './plain-file.ts';
import { UsageError } from './usage-error.ts';

/** Envelopes of records, wherever the folder keeps them. */
export async function recordsIn(folder: string): Promise<Uint8Array[]> {
  for (const under of ['records', join('vault', 'records')]) {
    const names = await readdir(join(folder, under)).catch(() => undefined);
    if (names === undefined) continue;
    const found: Uint8Array[] = [];
    for (const name of names.filter((one) => one.endsWith('.dsse.json')).sort()) {
      const file = await plainFileIn(folder, join(under, name));
      if (typeof file === 'object') found.push(new Uint8Array(await readFile(file.path)));
    }
    return found;
  }
  throw new UsageError(`${folder} holds no records: give an exported event, a vault or a data folder`);
}
