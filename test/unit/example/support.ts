import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type BuiltRequest, buildRequest } from '../../../cli/build-request.ts';
import { type Manifest, NO_BASELINES, parseManifest } from '../../../cli/manifest.ts';
import type { Baselines } from '../../../functions/domain/baselines.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { type EventHash, eventHashOf } from '../../../functions/domain/digest.ts';
import { parseBytes } from '../../../functions/domain/parse.ts';
import { Profile } from '../../../functions/domain/profile.ts';
import type { Result } from '../../../functions/domain/result.ts';

export const EXAMPLE = join(import.meta.dirname, '../../../examples/german-credit');
export const SCENARIOS = readdirSync(join(EXAMPLE, 'scenarios')).sort();

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.value;
}

export const textOf = (path: string): string => readFileSync(join(EXAMPLE, path), 'utf8');

export const scenarioOf = (name: string): unknown => parse(textOf(`scenarios/${name}/scenario.yaml`));

/** Manifests of a scenario in the order of announcement. */
export const manifestPaths = (scenario: string): string[] =>
  readdirSync(join(EXAMPLE, 'scenarios', scenario))
    .filter((name) => /^\d-v\d\d\.yaml$/.test(name))
    .sort()
    .map((name) => `scenarios/${scenario}/${name}`);

export const manifestAt = (path: string): Manifest => unwrap(parseManifest(textOf(path)));

const quiet = () => {};
export const build = (manifest: Manifest, baselines: Baselines = NO_BASELINES): Promise<Result<BuiltRequest>> =>
  buildRequest(EXAMPLE, manifest, baselines, quiet);

/** What the server would answer had this request been approved; the event is made up, the rest is as sealed. */
export function baselineOf({ request, blobs }: BuiltRequest): NonNullable<Baselines['incumbent']> {
  const [digest] = request.profiles;
  const blob = digest && blobs.get(digest);
  const profile = digest && blob?.kind === 'bytes' ? { digest, body: unwrap(parseBytes(Profile, blob.bytes)) } : null;
  const event: EventHash = eventHashOf(canonicalBytes(request));
  return { event, modelRoot: request.model.root, profile, terms: request.terms };
}

/** Every promotion of a scenario, each over the one before it; people approved the first. */
export async function buildAll(scenario: string): Promise<{ path: string; built: BuiltRequest }[]> {
  const all: { path: string; built: BuiltRequest }[] = [];
  let baselines: Baselines = NO_BASELINES;
  for (const path of manifestPaths(scenario)) {
    const built = unwrap(await build(manifestAt(path), baselines));
    all.push({ path, built });
    const incumbent = baselineOf(built);
    baselines = { incumbent, lastHumanApproved: baselines.lastHumanApproved ?? incumbent };
  }
  return all;
}
