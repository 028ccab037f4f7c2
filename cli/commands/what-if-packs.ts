// Where the packs of a what-if come from: a built folder or release, a folder of policies, or the policies of a git commit.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Digest, digestOf } from '../../functions/domain/digest.ts';
import { Sources } from '../../functions/domain/release.ts';
import type { Decision } from '../../functions/domain/routing.ts';
import { decisionOf } from '../../functions/route/decision.ts';
import { createEngine } from '../../functions/route/engine.ts';
import type { RoutingInput } from '../../functions/route/input.ts';
import { decideInput } from '../../functions/route/route.ts';
import type { Side } from '../../functions/whatif/types.ts';
import { UsageError } from '../embedded.ts';
import { note } from '../output.ts';
import { workingPolicy } from '../working-copy.ts';

const run = promisify(execFile);
const INPUT_SCHEMA = 'schemas/routing-input.v0.schema.json';

/** `inputSchema`: what the pack's rules were written against; null when its sources are not at hand. */
export type OpenedSide = Side & { readonly inputSchema: string | null };

/** The pack that would decide: it must load like every pack. */
export const openHead = (folder: string): Promise<OpenedSide> => sideOf(folder);

/** The pack that decides now. It may be older than this program, so a data format that has moved on does not stop it. */
export async function openBase(where: string): Promise<OpenedSide> {
  if (!existsSync(where)) return sideOfCommit(where);
  return sideOf(where).catch((error) => olderSide(where, error));
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
    // What was committed as built is the second best: CI held it against these sources when they were merged.
    return await sideOf(policies).catch((error) => olderSide(join(policies, 'dist'), error));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A whole pack whose data or rule book has another format than today's: its own module reads them, we only pass them on. */
async function olderSide(folder: string, refused: unknown): Promise<OpenedSide> {
  if (!(refused instanceof UsageError)) throw refused;
  const bytes = async (name: string) => new Uint8Array(await readFile(join(folder, name)));
  const manifest = await bytes('manifest.json').catch(() => undefined);
  if (manifest === undefined) throw refused;
  const { files } = OlderManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  const part = async (name: keyof typeof files) => {
    const found = await bytes(name);
    if (digestOf(found) !== files[name]) throw refused;
    return found;
  };
  const json = async (name: keyof typeof files): Promise<unknown> => JSON.parse(new TextDecoder().decode(await part(name)));
  const data = z.looseObject({}).parse(await json('data.json'));
  const { rules } = OlderRules.parse(await json('rulebook.json'));
  const engine = createEngine(await part('policy.wasm'), data);
  note(`${refused.message}\nit is replayed as it is, in its own format`);
  return {
    digest: digestOf(manifest),
    data,
    rules: new Map(rules.map((rule) => [rule.code, rule])),
    decide: (input) => decisionOf(engine.evaluate(input as RoutingInput), input as RoutingInput) ?? UNDECIDED,
    inputSchema: await schemaInside(folder).catch(() => null),
  };
}

const OlderManifest = z.looseObject({
  files: z.looseObject({ 'data.json': Digest, 'policy.wasm': Digest, 'rulebook.json': Digest }),
});
const OlderRules = z.looseObject({
  rules: z.array(z.looseObject({ code: z.string(), title: z.string(), threshold: z.string().optional() })),
});

/** An answer that today's adapter does not take for one is the committee's, as everywhere. */
const UNDECIDED: Decision = {
  schema: 'decision/v0',
  path: 'committee',
  findings: [
    { code: 'POL-004', dimension: 'engine', pointer: '', observed: null, limit: null, unit: 'none', minPath: 'committee' },
  ],
  cleared: [],
  notJudged: [],
  holds: [],
  groups: [],
  separation: { excludeRequester: true, distinctPersons: true, excludeReleaser: true },
  obligations: [],
  expiresAfterDays: 1,
};

const git = async (...args: string[]): Promise<string> => (await run('git', args)).stdout.trim();
