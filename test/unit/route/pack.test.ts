import { describe, expect, it, vi } from 'vitest';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { loadPack, PACK_FILES, PackError } from '../../../functions/route/pack.ts';
import { route } from '../../../functions/route/route.ts';
import { clearDiff, DIFF_LINE } from '../../support/diff.ts';
import { packFiles } from '../../support/pack.ts';

/** Why the pack does not load: the name of the part and the sentence. */
function refusal(files: Map<string, Uint8Array>): [string, string] {
  try {
    loadPack(files);
  } catch (error) {
    if (error instanceof PackError) return [error.file, error.message];
    throw error;
  }
  throw new Error('the pack was loaded');
}

const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array): Map<string, Uint8Array> => {
  const files = packFiles();
  return files.set(name, change(files.get(name) ?? new Uint8Array()));
};

/** A part replaced and the manifest written anew: what somebody would do who can write the folder. */
function resealed(name: (typeof PACK_FILES)[number], bytes: Uint8Array): Map<string, Uint8Array> {
  const files = packFiles().set(name, bytes);
  const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as { files: Record<string, string> };
  manifest.files[name] = digestOf(bytes);
  return files.set('manifest.json', canonicalBytes(manifest));
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('R35 a pack is loaded by what its manifest names', () => {
  it('is named by the digest of its manifest', () => {
    const pack = loadPack(packFiles());
    expect(pack.digest).toBe(digestOf(packFiles().get('manifest.json') ?? ''));
    expect(pack.wasm).toBe(digestOf(packFiles().get('policy.wasm') ?? ''));
    expect(pack.lines.size).toBe(15);
    expect(pack.rules.get('POP-002')?.min_path).toBe('reviewer');
  });

  it.each([...PACK_FILES])('one changed byte in %s is refused by name', (name) => {
    const files = changed(name, (bytes) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)));
    expect(refusal(files)).toEqual([name, `${name}: the bytes differ from the digest in the manifest`]);
  });

  it.each(['manifest.json', ...PACK_FILES])('a pack without %s is refused by name', (name) => {
    const files = packFiles();
    files.delete(name);
    expect(refusal(files)[0]).toBe(name);
  });

  it('a manifest in another spelling is not the same pack', () => {
    expect(refusal(changed('manifest.json', (bytes) => new Uint8Array([...bytes, 10])))[1]).toContain('canonical');
  });

  it('a well-sealed pack without its lines is refused with file and pointer', () => {
    const [file, message] = refusal(resealed('data.json', json({})));
    expect([file, message]).toEqual(['data.json', expect.stringContaining('/lines')]);
  });

  it('R32 R54 a pack of an older data shape still loads; a limit that is not there asks for the committee', () => {
    const data = JSON.parse(new TextDecoder().decode(packFiles().get('data.json'))) as Record<string, unknown>;
    const older = resealed('data.json', json({ ...data, limits: { ...(data['limits'] as object), fairness: {} } }));
    const routing = route(loadPack(older), {
      diff: clearDiff(),
      line: DIFF_LINE,
      environment: 'sandbox',
      evaluatedAtDay: 20_700,
    });
    expect([routing.path, routing.findings.map(({ code }) => code)]).toEqual(['committee', ['POL-002']]);
  });

  it('a well-sealed module that is no policy is refused', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {}); // the SDK prints that the module names no ABI
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    expect(refusal(resealed('policy.wasm', empty))[0]).toBe('policy.wasm');
  });
});
