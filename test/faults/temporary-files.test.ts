// A profile of a large table keeps numbers in temporary files. What a full disk does to it: one clear error, and nothing stays.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../cli/main.ts');
const home = mkdtempSync(join(tmpdir(), 'countersign-full-'));
const table = join(home, 'rows.csv');
const temporary = join(home, 'tmp');

beforeAll(() => {
  mkdirSync(temporary);
  const fd = openSync(table, 'w');
  writeSync(fd, 'a,b,c,d,e,f,g,h\n');
  // 70 MB of doubles: more than is kept in memory.
  const value = (i: number) => (i * 0.37).toFixed(2);
  const block = Array.from(
    { length: 50_000 },
    (_, i) => `${Array.from({ length: 8 }, (_, j) => value(i * 8 + j)).join(',')}\n`,
  );
  const bytes = Buffer.from(block.join(''));
  for (let n = 0; n < 22; n++) writeSync(fd, bytes);
}, 60_000);
afterAll(() => rmSync(home, { recursive: true }));

type Ran = { readonly exit: number; readonly out: string; readonly err: string };

/** `fsize`: no file of the process may grow over it, whoever it runs as. */
function profile(fsize: string, ...more: string[]): Promise<Ran> {
  const args = [`--fsize=${fsize}`, process.execPath, MAIN, 'profile', table, '--columns', 'a,b,c,d,e,f,g,h', ...more];
  return new Promise((resolve) => {
    execFile('prlimit', args, { env: { ...process.env, TMPDIR: temporary } }, (error, out, err) =>
      resolve({ exit: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

describe('profile on a disk that is full', () => {
  it('says what is full and where, ends with "cannot tell", and leaves no file behind', async () => {
    const out = join(home, 'profile.json');
    const { exit, out: said, err } = await profile('1048576', '--out', out);
    expect(exit).toBe(3);
    expect(said).toBe('');
    const lines = err.trim().split('\n');
    expect(lines.at(-1)).toMatch(/^cannot tell: cannot write temporary files under .*tmp: EFBIG/);
    expect(err).not.toContain('    at ');
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(out)).toBe(false);
  }, 120_000);
});
