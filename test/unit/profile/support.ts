import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { type Digest, digestOf } from '../../../functions/domain/digest.ts';
import type { Profile } from '../../../functions/domain/profile.ts';
import type { Result } from '../../../functions/domain/result.ts';
import { openCsv } from '../../../functions/profile/csv.ts';
import { type ProfileOptions, profileOf } from '../../../functions/profile/profile.ts';

export const EXAMPLE = join(import.meta.dirname, '../../../examples/german-credit');
export const GOLDEN = join(import.meta.dirname, '../../golden/german-credit');
export const golden = (name: string): string => readFileSync(join(GOLDEN, name), 'utf8');

export async function* chunksOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const OPTIONS: ProfileOptions = { slice: digestOf('slice'), segments: [], scores: new Map(), baselines: [] };

export async function profileText(
  text: string,
  options: Partial<ProfileOptions> = {},
  size?: number,
): Promise<Result<Profile>> {
  const source = await openCsv(chunksOf(text, size));
  return source.ok ? profileOf(source.value, { ...OPTIONS, ...options }) : source;
}

export async function profilePath(path: string, options: Partial<ProfileOptions>): Promise<Profile> {
  const source = await openCsv(createReadStream(path));
  return unwrap(source.ok ? await profileOf(source.value, { ...OPTIONS, ...options }) : source);
}

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

export const sealed = (profile: Profile): { digest: Digest; profile: Profile } => ({
  digest: digestOf(canonicalBytes(profile)),
  profile,
});
