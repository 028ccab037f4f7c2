// A zip has one way to be written here: whatever is otherwise in the container is refused by name.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32, directoryOf, isMemberName, localHeader, openZip, type Source } from '../../../functions/domain/pack/zip.ts';

type Files = readonly (readonly [name: string, bytes: Uint8Array])[];

/** As `export` writes it, but with the order and the names that the test gives. */
function zipOf(files: Files): Uint8Array {
  const members = files.map(([name, bytes]) => ({ name, size: bytes.byteLength, crc: crc32(bytes) }));
  const parts = files.flatMap(([, bytes], at) => [localHeader(members[at] ?? { name: '', size: 0, crc: 0 }), bytes]);
  return new Uint8Array(Buffer.concat([...parts, directoryOf(members) ?? new Uint8Array()]));
}

const sourceOf = (bytes: Uint8Array): Source => ({
  size: bytes.byteLength,
  slice: async (from, to) => bytes.slice(from, to),
});
const opened = async (bytes: Uint8Array) => openZip(sourceOf(bytes));
const detail = async (bytes: Uint8Array) => {
  const zip = await opened(bytes);
  return zip.ok ? 'opens' : zip.problems[0]?.detail;
};

const text = (words: string) => new TextEncoder().encode(words);
const SMALL: Files = [
  ['a.txt', text('first')],
  ['b/c.bin', Uint8Array.from([0, 255, 1])],
  ['empty', new Uint8Array()],
];

describe('R12 the zip of a pack', () => {
  it('gives back what was put in, for any files', async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,2}$/), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 12, maxLength: 12 }),
        async (all, data) => {
          const files: Files = [...all].sort().map((name, at) => [name, data[at] ?? new Uint8Array()]);
          const zip = await opened(zipOf(files));
          if (!zip.ok) throw new Error(zip.problems[0]?.detail);
          expect(zip.value.names).toEqual(files.map(([name]) => name));
          for (const [name, bytes] of files) expect(await zip.value.get(name)).toEqual(bytes);
        },
      ),
    );
  });

  it('every bit of the container and of its members is looked at', async () => {
    const bytes = zipOf(SMALL);
    expect(await detail(bytes)).toBe('opens');
    const passed: number[] = [];
    for (let at = 0; at < bytes.byteLength; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        if ((await detail(changed)) === 'opens') passed.push(at);
      }
    }
    expect(passed).toEqual([]);
  });

  it.each([
    ['one byte before', Buffer.concat([text('x'), zipOf(SMALL)]), /does not end with the directory/],
    ['one byte after', Buffer.concat([zipOf(SMALL), text('x')]), /does not end with the directory/],
    ['cut short', zipOf(SMALL).slice(0, -1), /not a zip/],
    ['nothing', new Uint8Array(), /not a zip/],
    ['a name twice', zipOf([SMALL[0], SMALL[0]].filter((one) => one !== undefined)), /a\.txt stands twice, or not in order/],
    ['another order', zipOf([...SMALL].reverse()), /not in order/],
    ['a way out', zipOf([['../a', text('x')]]), /"\.\.\/a" is no name of a member/],
    ['an absolute path', zipOf([['/a', text('x')]]), /is no name of a member/],
    ['a backslash', zipOf([['a\\b', text('x')]]), /is no name of a member/],
    ['a hidden file', zipOf([['.a', text('x')]]), /is no name of a member/],
  ])('is refused: %s', async (_, bytes, why) => {
    expect(await detail(bytes)).toMatch(why);
  });

  it('a zip that somebody compressed is refused, so nothing unpacks to more than it weighs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-zip-'));
    const program = [
      'import zipfile, sys',
      "z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)",
      "z.writestr(zipfile.ZipInfo('bomb', (1980, 1, 1, 0, 0, 0)), bytes(10_000_000), zipfile.ZIP_DEFLATED)",
      'z.close()',
    ].join('\n');
    const path = join(folder, 'bomb.zip');
    expect(spawnSync('python3', ['-c', program, path]).status).toBe(0);
    expect(await detail(new Uint8Array(readFileSync(path)))).toMatch(/bomb is compressed/);
    rmSync(folder, { recursive: true });
  });

  it("is read by Python's zipfile, which also checks every CRC", () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-zip-'));
    writeFileSync(join(folder, 'pack.zip'), zipOf(SMALL));
    const program = 'import zipfile, sys; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist(), z.read("a.txt"))';
    const { stdout } = spawnSync('python3', ['-c', program, join(folder, 'pack.zip')], { encoding: 'utf8' });
    expect(stdout.trim()).toBe(`None ['a.txt', 'b/c.bin', 'empty'] b'first'`);
    rmSync(folder, { recursive: true });
  });

  it('a name is plain words in folders', () => {
    expect(['index.txt', 'log/tile/0/000.p', 'a/b/c'].every(isMemberName)).toBe(true);
    expect(['', 'a//b', 'a/', '/a', 'a/../b', 'a/.b', 'a b', 'ä', `a${'b'.repeat(200)}`].some(isMemberName)).toBe(false);
  });
});
