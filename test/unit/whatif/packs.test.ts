import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSide } from '../../../cli/commands/what-if-packs.ts';
import { UsageError } from '../../../cli/embedded.ts';
import { asked, filesWith } from '../../support/what-if.ts';

const NEW = '/limits/population/feature_committee_ppm';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-what-if-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  return folder;
}

describe('R35 the packs of a what-if', () => {
  it('a pack with a number that this version does not know still decides, and the number is told', async () => {
    const where = await written(filesWith({ [NEW]: 400_000 }));
    const base = await openSide(where);
    const report = await asked(base, await openSide(join(import.meta.dirname, '../../../policies/dist')));
    expect(report.counts.unchanged).toBe(report.counts.promotions);
    expect(report.changedData).toEqual([{ pointer: NEW, from: 400_000, to: undefined }]);
    expect(base.inputSchema).toContain('routing-input/v0');
  });

  it('one byte changed and it does not load', async () => {
    const files = filesWith({ [NEW]: 400_000 });
    const where = await written(files.set('data.json', new TextEncoder().encode('{"limits":{}}')));
    await expect(openSide(where)).rejects.toThrow(UsageError);
  });
});
