// What comes with a pack for whoever opens it: how to read it, a recipe for the shell, a page for the browser.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf } from '../../functions/domain/digest.ts';
import { PAGE, README, RECIPE } from '../../functions/domain/pack/check.ts';
import { verifierPage } from './page.ts';

async function textFiles(): Promise<Map<string, Uint8Array>> {
  const text = async (name: string) => new Uint8Array(await readFile(join(import.meta.dirname, name)));
  return new Map([
    [README, await text(README)],
    [RECIPE, await text(RECIPE)],
  ]);
}

export const digestsOf = (files: ReadonlyMap<string, Uint8Array>): Map<string, Digest> =>
  new Map([...files].map(([name, bytes]) => [name, digestOf(bytes)]));

export async function toolFiles(): Promise<Map<string, Uint8Array>> {
  const texts = await textFiles();
  return new Map([...texts, [PAGE, new TextEncoder().encode(await verifierPage(digestsOf(texts)))]]);
}
