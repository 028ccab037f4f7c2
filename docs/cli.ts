// Writes docs/cli/*.md from the commands themselves.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../cli/main.ts';
import { manualOf } from '../cli/manual.ts';

export const MANUAL = join(import.meta.dirname, 'cli');

export const manual = () => manualOf(program(() => undefined));

if (import.meta.main) {
  await mkdir(MANUAL, { recursive: true });
  // A command that was removed leaves no page behind.
  for (const file of await readdir(MANUAL)) await rm(join(MANUAL, file));
  for (const { file, text } of manual()) await writeFile(join(MANUAL, file), text);
}
