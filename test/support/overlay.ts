// The committed pack under one of the overlays that come with this version.
import { join } from 'node:path';
import { loadPack, type Pack } from '../../functions/route/pack.ts';
import { readDataFiles } from '../../policies/data-files.ts';
import { overlaidPack } from '../../policies/overlay-pack.ts';
import { POLICIES } from '../../policies/tools/run.ts';
import { packFiles } from './pack.ts';

/** `presets/strict`, `overlays/insurer` … */
export function overlaidFiles(name: string): Map<string, Uint8Array> {
  const files = overlaidPack(packFiles(), readDataFiles(join(POLICIES, name)), `policies/${name}`);
  if (files === undefined) throw new Error('the committed pack has no layers');
  return files;
}

export const packUnder = (name: string): Pack => loadPack(overlaidFiles(name));
