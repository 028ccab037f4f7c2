// Our OMS root against the PyPI package model-signing, unmodified, over the models of the example.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder } from '../../../cli/files.ts';
import { hexOf } from '../../../functions/domain/digest.ts';
import { omsManifestBytes, omsRootOf } from '../../../functions/domain/oms.ts';
import { type ModelStatement, modelSigning, statementsOf } from '../../model-signing/statements.ts';
import { EXAMPLE } from '../../support/promote.ts';

const VERSIONS = join(EXAMPLE, 'versions');
/** Cold: an environment is made and some thirty packages are installed. */
const COLD_MS = 240_000;

async function filesOf(folder: string) {
  const read = new Folder(folder, () => undefined);
  const { files } = (await read.list('.')) ?? { files: [] };
  return Promise.all(
    files.map(async (path) => {
      const hashed = await read.hash(path);
      if (hashed === undefined) throw new Error(`${path} cannot be read`);
      return { path, digest: hashed.digest };
    }),
  );
}

let scratch: string;
let folders: string[];
let theirs: Record<string, ModelStatement> = {};
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'countersign-oms-'));
  for (const [path, text] of [
    ['a/x', 'in a folder'],
    ['a-1', 'beside it'],
  ] as const) {
    await mkdir(join(scratch, path, '..'), { recursive: true });
    await writeFile(join(scratch, path), text);
  }
  folders = (await readdir(VERSIONS)).sort().map((version) => join(VERSIONS, version, 'model'));
  theirs = await statementsOf(await modelSigning(), [...folders, scratch]);
}, COLD_MS);
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('R4b model-signing 1.1.1, unmodified', () => {
  it('computes our root over every version of the example, file by file', async () => {
    expect(folders.length).toBeGreaterThan(10);
    for (const folder of folders) {
      const files = await filesOf(folder);
      const { subject, predicate } = theirs[folder] ?? { subject: [], predicate: { resources: [] } };
      expect(files.length, folder).toBeGreaterThan(2);
      expect(subject[0]?.digest.sha256, folder).toBe(hexOf(omsRootOf(files)));
      const ours = JSON.parse(new TextDecoder().decode(omsManifestBytes(files, basename(folder))));
      expect(predicate.resources).toEqual(ours.predicate.resources);
    }
  });

  it('differs from us where docs/decisions/0011 says so: it orders by path parts', async () => {
    const files = await filesOf(scratch);
    const { subject, predicate } = theirs[scratch] ?? { subject: [], predicate: { resources: [] } };
    expect(predicate.resources.map(({ name }) => name)).toEqual(['a/x', 'a-1']);
    expect(files.map(({ path }) => path).sort()).toEqual(['a-1', 'a/x']);
    expect(subject[0]?.digest.sha256).not.toBe(hexOf(omsRootOf(files)));
  });
});
