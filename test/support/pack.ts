import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPack, type Pack } from '../../functions/route/pack.ts';

const DIST = join(import.meta.dirname, '../../policies/dist');

/** The files of the committed pack. */
export const packFiles = (): Map<string, Uint8Array> =>
  new Map(readdirSync(DIST).map((name) => [name, new Uint8Array(readFileSync(join(DIST, name)))]));

export const committedPack = (): Pack => loadPack(packFiles());
