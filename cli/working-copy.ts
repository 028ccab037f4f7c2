// The policy an author is working on: built on the fly from the folder of policies, never written.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { canonicalBytes } from '../functions/domain/canonical.ts';
import { loadPack, type Pack } from '../functions/route/pack.ts';
import type { Rule } from '../functions/route/rulebook.ts';
import { packSources } from '../policies/pack-sources.ts';
import { compiled, packData, packed, rulebook } from '../policies/sources.ts';
import { opaBinary } from '../policies/tools/opa.ts';
import { UsageError } from './embedded.ts';
import { note } from './output.ts';
import { type PackFolder, readPackFolder, SHIPPED_PACK } from './pack-folder.ts';

export type PolicyFlags = { readonly pack?: string; readonly policies?: string };

/** `told`: which policy this is, in one sentence. `warnings`: what a build would still refuse. `folder`: where its data are. */
export type Working = {
  readonly pack: Pack;
  readonly rules: readonly Rule[];
  readonly data: object;
  readonly folder: string;
  readonly told: string;
  readonly warnings: readonly string[];
};

/** A built pack when one is named; else the folder of policies named, or ./policies; else the pack of this version. */
export async function workingPolicy(flags: PolicyFlags): Promise<Working> {
  if (flags.pack !== undefined) return built(flags.pack, `The built pack ${flags.pack}.`);
  const folder = flags.policies ?? 'policies';
  if (existsSync(join(folder, 'promotion'))) return fromSources(folder);
  if (flags.policies !== undefined) throw new UsageError(`${folder} holds no policies: no folder promotion in it`);
  return built(SHIPPED_PACK, 'The pack of this version: there is no ./policies here.');
}

async function built(folder: string, told: string): Promise<Working> {
  const { pack, files } = await packOrUsage(folder);
  const data = JSON.parse(new TextDecoder().decode(files.get('data.json')?.bytes)) as object;
  return { pack, rules: [...pack.rules.values()], data, folder: 'policies', told, warnings: [] };
}

async function packOrUsage(folder: string): Promise<PackFolder> {
  try {
    return await readPackFolder(folder);
  } catch (error) {
    throw new UsageError(`no pack in ${folder}: ${error instanceof Error ? error.message : error}`);
  }
}

async function fromSources(folder: string): Promise<Working> {
  const missing = await opaBinary(note).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (missing !== undefined) return numbersOnly(folder, missing);
  try {
    const data = packData(folder);
    const { rules, problems } = await rulebook(folder, data);
    const files = packed({
      'capabilities.json': new Uint8Array(await readFile(join(folder, 'capabilities.json'))),
      'data.json': canonicalBytes(data),
      'policy.wasm': await compiled(folder),
      'rulebook.json': canonicalBytes({ schema: 'rulebook/v0', rules }),
      'sources.json': canonicalBytes(packSources(folder)),
    });
    const told = `The working copy ${folder}: its rules and its numbers.`;
    return { pack: loadPack(files), rules, data, folder: shown(folder), told, warnings: problems };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Without OPA rules cannot be compiled; numbers need no compiler, so an author of numbers is served all the same. */
async function numbersOnly(folder: string, missing: string): Promise<Working> {
  const { pack, files } = await packOrUsage(join(folder, 'dist'));
  const part = (name: string) => files.get(name)?.bytes ?? new Uint8Array();
  let data: object;
  try {
    data = packData(folder);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const edited = packed({
    'capabilities.json': part('capabilities.json'),
    'data.json': canonicalBytes(data),
    'policy.wasm': part('policy.wasm'),
    'rulebook.json': part('rulebook.json'),
    'sources.json': part('sources.json'),
  });
  const told = `The numbers of ${folder}/data, with the rules as last built in ${folder}/dist: edits of *.rego are NOT in it.`;
  const rules = [...pack.rules.values()];
  return {
    pack: loadPack(edited),
    rules,
    data,
    folder: shown(folder),
    told,
    warnings: [`rules cannot be compiled: ${missing}`],
  };
}

const shown = (folder: string): string => relative('.', folder) || '.';
