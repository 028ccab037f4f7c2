// SIGKILL at every step of a change of the sealing key, in a process of its own; then the folder is opened as a start would.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { activeFor } from '../../functions/domain/keys/set.ts';
import { run } from '../support/command.ts';
import { inStores, type KeyFolder, keyFolder, newestIn } from '../support/key-folder.ts';
import { sealRecord } from '../support/log.ts';

const SCRIPT = join('test', 'faults', 'crashing-keys.ts');
let folder: KeyFolder;
let scratch: string;

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  folder = await keyFolder();
  scratch = await mkdtemp(join(tmpdir(), 'countersign-kill-keys-'));
});
afterAll(async () => {
  await folder.remove();
  await rm(scratch, { recursive: true, force: true });
});

async function copied(name: string): Promise<string> {
  const data = join(scratch, name);
  await cp(folder.data, data, { recursive: true });
  return data;
}

it('R13 killed after any step: old key or new, never neither, and it seals', async () => {
  const whole = await run(SCRIPT, [await copied('whole')]);
  const steps = Number(whole.out.trim().split('\n').at(-1));
  expect(steps).toBeGreaterThan(8);
  const versions = new Set<number>();
  for (let n = 1; n <= steps; n++) {
    const data = await copied(`n${n}`);
    const child = spawn(process.execPath, [SCRIPT, data, String(n)], { stdio: 'ignore' });
    const [, signal] = await once(child, 'exit');
    expect([n, signal]).toEqual([n, 'SIGKILL']);
    await inStores(data, async (stores) => {
      const set = await newestIn(stores);
      versions.add(set.version);
      expect([n, stores.signer.keyid]).toEqual([n, activeFor(set, 'seal')[0]?.keyid]);
      await sealRecord({ ...stores, workflow: { wake: () => undefined } }, n);
    });
  }
  expect([...versions].sort()).toEqual([1, 2]);
}, 180_000);
