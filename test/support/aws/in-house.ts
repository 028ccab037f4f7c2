// A team's registry that is a folder: what it holds of one version of the example, and what a secret says of it.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuiltRequest } from '../../../cli/build-request.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { hexOf } from '../../../functions/domain/digest.ts';
import { EXAMPLE } from '../promote.ts';
import { bytesOfBlob } from '../registry.ts';
import { SERVICE } from '../server.ts';

export const HOOK_SECRET = 'a-secret-of-this-test-1';

/** As the deployment's secret has it. */
export const inHouse = (root: string, line: string) => ({
  announcer: { clientId: SERVICE.clientId, clientSecret: SERVICE.secret },
  registries: [
    {
      ...{ kind: 'folder', name: 'shelf', root, secrets: [HOOK_SECRET] },
      models: [{ model: 'german-credit-pd', line, aliases: { sandbox: 'champion' } }],
    },
  ],
});

const folderOf = (root: string, version: string): string => join(root, 'german-credit-pd', version);

/** The version's files, as a training job leaves them. */
export const shelve = (root: string, version: string, folder: string): Promise<void> =>
  cp(join(EXAMPLE, folder), join(folderOf(root, version), 'model'), { recursive: true });

/** And its request beside them. */
export async function log(root: string, { request, blobs }: BuiltRequest): Promise<void> {
  const at = folderOf(root, request.model.version);
  const put = async (name: string, bytes: Uint8Array) => {
    await mkdir(dirname(join(at, 'countersign', name)), { recursive: true });
    await writeFile(join(at, 'countersign', name), bytes);
  };
  await put('request.json', canonicalBytes(request));
  for (const [digest, blob] of blobs) await put(`blobs/${hexOf(digest)}`, await bytesOfBlob(blob));
}

/** The version that runs, as we told the registry. */
export const championOf = (root: string): Promise<string | undefined> =>
  readFile(join(root, 'german-credit-pd/aliases/champion'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
