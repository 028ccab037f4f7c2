// Where the packs of a what-if come from: a built folder or release, a folder of policies, or the policies of a git commit.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Sources } from '../../functions/domain/release.ts';
import { decideInput } from '../../functions/route/route.ts';
import type { Side } from '../../functions/whatif/types.ts';
import { UsageError } from '../embedded.ts';
import { note } from '../output.ts';
import { workingPolicy } from '../working-copy.ts';

const run = promisify(execFile);
const INPUT_SCHEMA = 'schemas/routing-input.v0.schema.json';

/** `inputSchema`: what the pack's rules were written against; null when its sources are not at hand. */
export type OpenedSide = Side & { readonly inputSchema: string | null };

export async function openSide(where: string): Promise<OpenedSide> {
  return existsSync(where) ? sideOf(where) : sideOfCommit(where);
}

async function sideOf(folder: string): Promise<OpenedSide> {
  const sources = existsSync(join(folder, 'promotion'));
  const { pack, data, warnings } = await workingPolicy(sources ? { policies: folder } : { pack: folder });
  for (const warning of warnings) note(warning);
  return {
    digest: pack.digest,
    data,
    rules: pack.rules,
    decide: (input) => decideInput(pack, input),
    inputSchema: sources ? await readFile(join(folder, INPUT_SCHEMA), 'utf8') : await schemaInside(folder),
  };
}

async function schemaInside(folder: string): Promise<string | null> {
  const parsed = Sources.safeParse(JSON.parse(await readFile(join(folder, 'sources.json'), 'utf8')));
  return parsed.success ? (parsed.data.files[INPUT_SCHEMA] ?? null) : null;
}

/** The policies of a commit, built beside the working copy and never in it: no checkout, no hooks, none of its programs run. */
async function sideOfCommit(ref: string): Promise<OpenedSide> {
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).catch(() => undefined);
  if (commit === undefined) throw new UsageError(`${ref} is neither a folder nor a commit of this repository`);
  const root = await git('rev-parse', '--show-toplevel');
  const folder = await mkdtemp(join(tmpdir(), 'countersign-base-'));
  try {
    note(`building the policies of ${commit.slice(0, 12)}`);
    const archive = join(folder, 'policies.tar');
    await git('-C', root, 'archive', '--format=tar', '-o', archive, commit, 'policies');
    await run('tar', ['-xf', archive, '-C', folder]);
    const policies = join(folder, 'policies');
    return await sideOf(policies).catch((error) => {
      if (!(error instanceof UsageError)) throw error;
      // Sources of a format that this program's compiler has left behind; CI held this pack against them when it was merged.
      note(`${error.message}\ntaken instead: the pack that was committed as built`);
      return sideOf(join(policies, 'dist'));
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const git = async (...args: string[]): Promise<string> => (await run('git', args)).stdout.trim();
