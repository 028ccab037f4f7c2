import { parseBytes } from '../domain/parse.ts';
import { checkReleaseSignature, RELEASE_SIGNATURE, Sources } from '../domain/release.ts';
import { fail, ok, problem, type Result } from '../domain/result.ts';
import type { Trust } from '../domain/trust.ts';
import { loadPack, PACK_FILES, type Pack, PackError } from './pack.ts';

/** A release: a pack, and the release key's signature over its manifest. */
export const RELEASE_FILES = ['manifest.json', ...PACK_FILES, RELEASE_SIGNATURE];

/** Everything that can be wrong with a release, as a value: signature first, since an unsigned pack is not even looked at. */
export function openRelease(files: ReadonlyMap<string, Uint8Array>, trust: Trust | undefined): Result<Pack> {
  if (trust === undefined) return fail(problem('NO_TRUST', '', 'no release keys are configured'));
  const manifest = files.get('manifest.json');
  if (manifest === undefined) return fail(problem('POLICY_NOT_LOADED', '/manifest.json', 'the file is missing from the pack'));
  const signed = checkReleaseSignature(manifest, files.get(RELEASE_SIGNATURE), trust, undefined);
  if (!signed.ok) return signed;
  try {
    const pack = loadPack(files);
    const sources = parseBytes(Sources, files.get('sources.json') ?? new Uint8Array(), {
      maxBytes: 64 * 1024 * 1024,
      maxDepth: 4,
    });
    const wrong = sources.ok ? undefined : sources.problems[0];
    return wrong ? fail(problem('POLICY_NOT_LOADED', `/sources.json${wrong.pointer}`, wrong.detail)) : ok(pack);
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return fail(problem(error.code, `/${error.file}`, error.message));
  }
}
