// What comes with a pack for whoever opens it: how to read it, a recipe for the shell, a page for the browser.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import { PAGE, README, RECIPE } from '../../functions/domain/pack/check.ts';
import { BUILT } from '../built.ts';

const HERE = import.meta.dirname;

async function textFiles(): Promise<Map<string, Uint8Array>> {
  const text = async (name: string) => new Uint8Array(await readFile(join(HERE, name)));
  return new Map([
    [README, await text(README)],
    [RECIPE, await text(RECIPE)],
  ]);
}

export const digestsOf = (files: ReadonlyMap<string, Uint8Array>): Map<string, Digest> =>
  new Map([...files].map(([name, bytes]) => [name, digestOf(bytes)]));

type Made = { readonly files: Map<string, Uint8Array>; readonly sources: readonly string[] };

/** From the sources; `sources`: every file they are made of. */
export async function makeTools(): Promise<Made> {
  const { verifierPage } = await import('./page.ts');
  const texts = await textFiles();
  const { page, sources } = await verifierPage(digestsOf(texts));
  const files = new Map([...texts, [PAGE, new TextEncoder().encode(page)]]);
  return { files, sources: [...sources, ...[...texts.keys()].map((name) => join(HERE, name))] };
}

export async function toolFiles(): Promise<Map<string, Uint8Array>> {
  if (!BUILT) return (await makeTools()).files;
  // Made with the bundle (bundle.ts) and as fresh as it: making it takes as long as a whole check.
  const page = await readFile(join(HERE, '..', '..', 'dist', PAGE));
  return new Map([...(await textFiles()), [PAGE, new Uint8Array(page)]]);
}
