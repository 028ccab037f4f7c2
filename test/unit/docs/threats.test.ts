// docs/threats.md promises a test for each case: is it there, under that name?
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const rows = [...read('docs/threats.md').matchAll(/^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, number, name = '', , tests = '']) => ({ number: Number(number), name, tests }),
);

describe('docs/threats.md', () => {
  it('has the 44 cases in their order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 44 }, (_, i) => i + 1));
  });

  it.each(rows.map((row) => [row.number, row.name, row.tests] as const))('case %i, %s: its tests are there', (_, __, tests) => {
    const named = tests
      .split(/; (?=`test\/)/)
      .map((one) => /^`(test\/[^`]+)`: (.+)$/.exec(one.replace(/; [^`]*: with the AWS work$/, '').trim()));
    if (tests.trim() === 'with the AWS work') return;
    for (const match of named) {
      expect(match, `${tests} names no test`).not.toBeNull();
      const [, file = '', title = ''] = match ?? [];
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      expect(read(file), file).toContain(title);
    }
  });
});
