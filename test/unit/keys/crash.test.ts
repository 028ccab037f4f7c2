// A change of keys that breaks off anywhere: the next opening of the folder has the old key or the new one, never neither, and
// what it seals verifies.

import fs from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { list, retireKey, rotateKey } from '../../../cli/commands/keys.ts';
import { keyFiles } from '../../../cli/own-keys.ts';
import { FileVault } from '../../../functions/adapters/local/file-vault.ts';
import { SqliteIndex } from '../../../functions/adapters/local/sqlite-index.ts';
import { auditSealed, healsItself } from '../../../functions/audit/audit.ts';
import { followKeys } from '../../../functions/domain/keys/follow.ts';
import { activeFor, digestOfKeys, type KeySet } from '../../../functions/domain/keys/set.ts';
import { sealedKeys } from '../../../functions/keys/keys.ts';
import { appendToLog } from '../../../functions/log/append.ts';
import { inStores, type KeyFolder, keyFolder, newestIn, WHY } from '../../support/key-folder.ts';
import { sealRecord } from '../../support/log.ts';

let folder: KeyFolder;
const copies: string[] = [];

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  folder = await keyFolder();
});
afterAll(async () => {
  await folder.remove();
  for (const copy of copies) await rm(copy, { recursive: true, force: true });
});

async function copyOf(data: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  copies.push(copy);
  await cp(data, copy, { recursive: true });
  return copy;
}

const real = { put: FileVault.prototype.putOnce, commit: SqliteIndex.prototype.commit, ...fs.promises };
afterEach(restore);

function restore(): void {
  FileVault.prototype.putOnce = real.put;
  SqliteIndex.prototype.commit = real.commit;
  Object.assign(fs.promises, { rename: real.rename, link: real.link, unlink: real.unlink, writeFile: real.writeFile });
  syncBuiltinESMExports();
}

/** Every call that leaves something on the disk; the k-th throws, before it or after. Answers what was called. */
function breaking(k: number, moment: 'before' | 'after'): string[] {
  const calls: string[] = [];
  const around = <A extends unknown[], T>(name: string, run: (...args: A) => Promise<T>) =>
    async function (this: unknown, ...args: A): Promise<T> {
      const mine = calls.push(name) === k;
      if (mine && moment === 'before') throw new Error(`broken before ${name}`);
      const answer = await run.apply(this, args);
      if (mine) throw new Error(`broken after ${name}`);
      return answer;
    };
  FileVault.prototype.putOnce = around('put', real.put);
  SqliteIndex.prototype.commit = around('commit', real.commit);
  const { rename, link, unlink, writeFile } = real;
  const own = (path: unknown) => String(path).includes('/keys/');
  const only = <A extends unknown[], T>(name: string, run: (...args: A) => Promise<T>) => {
    const broken = around(name, run);
    return (...args: A) => (own(args[0]) ? broken(...args) : run(...args));
  };
  Object.assign(fs.promises, {
    rename: only('rename', rename as (...args: unknown[]) => Promise<void>),
    link: only('link', link as (...args: unknown[]) => Promise<void>),
    unlink: only('unlink', unlink as (...args: unknown[]) => Promise<void>),
    writeFile: only('writeFile', writeFile as (...args: unknown[]) => Promise<void>),
  });
  syncBuiltinESMExports();
  return calls;
}

type Change = { readonly name: string; readonly from: () => Promise<string>; readonly run: (data: string) => Promise<unknown> };

const twoLogKeys = async () => {
  const data = await copyOf(folder.data);
  await rotateKey('checkpoint', { data, reason: WHY });
  return data;
};
const CHANGES: readonly Change[] = [
  { name: 'rotate seal', from: async () => folder.data, run: (data) => rotateKey('seal', { data, reason: WHY }) },
  { name: 'rotate checkpoint', from: async () => folder.data, run: (data) => rotateKey('checkpoint', { data, reason: WHY }) },
  { name: 'retire', from: twoLogKeys, run: (data) => retireKey({ data, reason: WHY }) },
];

it('keys list prints each key with its use, window and state', async () => {
  const data = await copyOf(folder.data);
  await rotateKey('seal', { data, reason: WHY });
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  expect(await list({ data, json: true })).toBe(0);
  write.mockReturnValue(true);
  const told = JSON.parse(said.join('')) as { digest: string; keys: KeySet };
  expect(told.digest).toBe(digestOfKeys(told.keys));
  expect(told.keys.keys.map(({ use, status }) => `${use} ${status}`)).toEqual([
    'seal,release retired',
    'checkpoint active',
    'seal,release active',
  ]);
});

describe('R12 R13 a change of keys that breaks off', () => {
  it.each(CHANGES)(
    '$name: old or new, never neither, and the same again finishes it',
    async ({ from, run }) => {
      const before = await from();
      const pinned = await inStores(before, newestIn);
      const whole = await copyOf(before);
      const calls = breaking(0, 'before');
      expect(await run(whole)).toBe(0);
      restore();
      expect(calls.length).toBeGreaterThan(8);
      const wanted = await inStores(whole, newestIn);
      for (const moment of ['before', 'after'] as const)
        for (let k = 1; k <= calls.length; k++) {
          const where = `${moment} ${k} ${calls[k - 1]}`;
          const data = await copyOf(before);
          breaking(k, moment);
          await expect(run(data), where).rejects.toThrow('broken');
          restore();
          await inStores(data, async (stores) => {
            const set = await newestIn(stores);
            expect([where, [pinned.version, wanted.version].includes(set.version)]).toEqual([where, true]);
            expect([where, stores.signer.keyid]).toEqual([where, activeFor(set, 'seal')[0]?.keyid]);
            const logKeys = [...(stores.tlog.outgoing ?? []), stores.tlog.signer].map(({ keyid }) => keyid);
            expect([where, logKeys]).toEqual([where, activeFor(set, 'checkpoint').map(({ keyid }) => keyid)]);
            const sealed = await sealRecord({ ...stores, workflow: { wake: () => undefined } }, k);
            await appendToLog(stores);
            expect(sealed).toMatch(/^sha256:/);
            const { faults } = await auditSealed(stores, []);
            expect([where, faults.filter((fault) => !healsItself(fault))]).toEqual([where, []]);
            const envelopes = (await sealedKeys(stores)).map(({ envelope }) => envelope);
            expect(followKeys(digestOfKeys(pinned), envelopes)).toMatchObject({
              ok: true,
              value: { set: { version: set.version } },
            });
          });
          const done = await inStores(data, newestIn);
          if (done.version < wanted.version) expect([where, await run(data)]).toEqual([where, 0]);
          expect([where, (await inStores(data, newestIn)).version]).toEqual([where, wanted.version]);
          expect([where, fs.existsSync(keyFiles(data).nextSigner), fs.existsSync(keyFiles(data).nextLog)]).toEqual([
            where,
            false,
            false,
          ]);
          await rm(data, { recursive: true, force: true });
        }
    },
    240_000,
  );
});
