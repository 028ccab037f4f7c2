// sources.json: every file an auditor needs to read a pack and build it again, by its path under policies/.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Sources } from '../functions/domain/release.ts';

/** Rules with their tests, numbers, fixtures, schemas and house rules. Named one by one: a stray file is never sealed. */
const FOLDERS = ['promotion', 'data', 'fixtures', 'schemas', 'checks'];
const FILES = ['capabilities.json', 'codes.json', 'tools/go.mod', 'tools/go.sum'];

/** No date, no owner, no order of the disk: the same sources give the same bytes. */
export function packSources(folder: string): z.infer<typeof Sources> {
  const found = FOLDERS.flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(rego|json)$/.test(path))
      .map((path) => join(name, path).replaceAll('\\', '/')),
  );
  const paths = [...found, ...FILES].sort();
  return {
    schema: 'sources/v0',
    files: Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
  };
}
