import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBase, openHead } from '../../../cli/commands/what-if-packs.ts';
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
  it('a base whose data has another format still decides, in its own words; a head must load', async () => {
    const where = await written(filesWith({ [NEW]: 400_000 }));
    const base = await openBase(where);
    const report = await asked(base, await openHead(join(import.meta.dirname, '../../../policies/dist')));
    expect(report.counts.unchanged).toBe(report.counts.promotions);
    expect(report.changedData).toEqual([{ pointer: NEW, from: 400_000, to: undefined }]);
    expect(base.inputSchema).toContain('routing-input/v0');
    await expect(openHead(where)).rejects.toThrow(UsageError);
  });

  it('one byte changed and neither loads', async () => {
    const files = filesWith({ [NEW]: 400_000 });
    const where = await written(files.set('data.json', new TextEncoder().encode('{"limits":{}}')));
    await expect(openBase(where)).rejects.toThrow(UsageError);
    await expect(openHead(where)).rejects.toThrow(UsageError);
  });
});
