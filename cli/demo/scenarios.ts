import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'german-credit');

/** One line of the example: its promotions in the order they are announced. What comes out is nowhere in it. */
export type Scenario = { readonly name: string; readonly title: string; readonly manifests: readonly string[] };

export async function readScenarios(example = EXAMPLE): Promise<Scenario[]> {
  const folder = join(example, 'scenarios');
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const files = (await readdir(join(folder, name))).sort();
      const { title } = z
        .looseObject({ title: z.string() })
        .parse(parse(await readFile(join(folder, name, 'scenario.yaml'), 'utf8')));
      const manifests = files.filter((file) => /^\d+-.*\.yaml$/.test(file)).map((file) => join('scenarios', name, file));
      return { name, title, manifests };
    }),
  );
}
