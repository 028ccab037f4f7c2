import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FileVault } from '../../functions/adapters/local/file-vault.ts';
import { goldenInputs } from '../../functions/whatif/golden.ts';
import { sealedInputs } from '../../functions/whatif/sealed.ts';
import type { Corpus } from '../../functions/whatif/types.ts';
import { UsageError } from '../embedded.ts';

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** A vault, or the data folder that holds one. Read only: nothing is opened but files. */
export async function vaultCorpus(folder: string): Promise<Corpus> {
  const inner = join(folder, 'vault');
  const root = (await isFolder(inner)) ? inner : folder;
  if (!(await isFolder(root))) throw new UsageError(`no vault at ${folder}`);
  // Nothing is ever put, so no temporary file needs a name.
  return sealedInputs(new FileVault(root, () => 'unused'));
}

/** Every `.jsonl` file of a folder, in the order of their names. */
export async function* goldenCorpus(folder: string): Corpus {
  const names = await readdir(folder).catch(() => {
    throw new UsageError(`no corpus at ${folder}`);
  });
  for (const name of names.filter((one) => one.endsWith('.jsonl')).sort())
    yield* goldenInputs(
      name,
      createInterface({ input: createReadStream(join(folder, name)), crlfDelay: Number.POSITIVE_INFINITY }),
    );
}
