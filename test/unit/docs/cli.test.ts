import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANUAL, manual } from '../../../docs/cli.ts';

const pages = manual();

describe('docs/cli', () => {
  it('holds one page for each command, and no other', () => {
    expect(readdirSync(MANUAL).sort()).toEqual(pages.map(({ file }) => file).sort());
  });

  it.each(pages.map(({ file, text }) => [file, text] as const))(
    '%s is what the command says; else run `npx node docs/cli.ts`',
    (file, text) => {
      expect(readFileSync(join(MANUAL, file), 'utf8')).toBe(text);
    },
  );

  it('says nothing of the machine it was made on', () => {
    const root = join(import.meta.dirname, '..', '..', '..');
    expect(pages.filter(({ text }) => text.includes(root)).map(({ file }) => file)).toEqual([]);
  });

  it('every option is explained', () => {
    const silent = pages.flatMap(({ file, text }) =>
      [...text.matchAll(/^\| `-.*` \| {2}\|$/gm)].map(([row]) => `${file} ${row}`),
    );
    expect(silent).toEqual([]);
  });
});
