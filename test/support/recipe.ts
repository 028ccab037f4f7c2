// The commands of a page, as they stand there.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Every `sh` block under this heading, up to the next one of its rank. */
export async function commandsOf(page: string, heading: string): Promise<string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`${page} has no heading ${heading}`);
  const rest = text.slice(start + 1 + heading.length);
  const end = rest.search(new RegExp(`^#{1,${heading.indexOf(' ')}} `, 'm'));
  const part = end < 0 ? rest : rest.slice(0, end);
  return [...part.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = '']) => commands);
}
