import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDevSigner } from '../../../functions/adapters/local/dev-signer.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { PAYLOAD_TYPE } from '../../../functions/domain/event/envelope.ts';
import { RELEASE_SIGNATURE, Sources } from '../../../functions/domain/release.ts';
import type { Signer } from '../../../functions/ports.ts';
import { loadPack, PACK_FILES } from '../../../functions/route/pack.ts';
import { openRelease } from '../../../functions/route/release.ts';
import { compiled, packData } from '../../../policies/sources.ts';
import { flippedAt } from '../../support/evidence.ts';
import { packFiles } from '../../support/pack.ts';
import { type Files, nameOf, packWithExpiry, releaseTrust, repacked, signed, withAbi } from '../../support/release.ts';

let folder: string;
let signer: Signer;
let stranger: Signer;
let release: Files;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-release-'));
  signer = await openDevSigner(join(folder, 'signer.pem'));
  stranger = await openDevSigner(join(folder, 'stranger.pem'));
  release = await signed(packFiles(), signer);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the release is refused for: code, and the part. */
function refusal(files: Files): string[] {
  const opened = openRelease(files, releaseTrust(signer));
  return opened.ok ? [] : opened.problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

const without = (name: string): Files => new Map([...release].filter(([file]) => file !== name));

describe('R35 a release opens when a trusted key signed its manifest', () => {
  it('as it was signed', () => {
    const opened = openRelease(release, releaseTrust(signer));
    expect(opened.ok && opened.value.digest).toBe(nameOf(release));
  });

  it.each([...PACK_FILES])('one byte changed in %s', (name) => {
    expect(refusal(new Map(release).set(name, flippedAt(release.get(name) ?? new Uint8Array(), 100)))).toEqual([
      `POLICY_BYTES_CHANGED /${name}`,
    ]);
  });

  it.each([...PACK_FILES])('%s missing', (name) => {
    expect(refusal(without(name))).toEqual([`POLICY_NOT_LOADED /${name}`]);
  });

  it('the manifest changed with the part it names: not what was signed', () => {
    expect(
      refusal(new Map(packWithExpiry(7)).set(RELEASE_SIGNATURE, release.get(RELEASE_SIGNATURE) ?? new Uint8Array())),
    ).toEqual(['POLICY_NOT_SIGNED /release.dsse.json']);
    expect(refusal(without('manifest.json'))).toEqual(['POLICY_NOT_LOADED /manifest.json']);
  });

  it('a signature stripped: the file, the list, or its one entry', () => {
    const envelope = JSON.parse(new TextDecoder().decode(release.get(RELEASE_SIGNATURE))) as { signatures: object[] };
    const [only] = envelope.signatures;
    const stripped = [[], [{ ...only, sig: '' }], [{ ...only, keyid: '' }]].map((signatures) =>
      new Map(release).set(RELEASE_SIGNATURE, canonicalBytes({ ...envelope, signatures })),
    );
    for (const files of [without(RELEASE_SIGNATURE), ...stripped])
      expect(refusal(files)).toEqual(['POLICY_NOT_SIGNED /release.dsse.json']);
  });

  it('signed by a key that is not trusted, or as something else than a pack', async () => {
    expect(refusal(await signed(packFiles(), stranger))).toEqual(['POLICY_NOT_SIGNED /release.dsse.json']);
    expect(refusal(await signed(packFiles(), signer, PAYLOAD_TYPE))).toEqual(['POLICY_NOT_SIGNED /release.dsse.json']);
  });

  it('any byte of the signature file changed', () => {
    const bytes = release.get(RELEASE_SIGNATURE) ?? new Uint8Array();
    const opened = [0, 40, 200, bytes.length - 30, -1].filter(
      (at) => refusal(new Map(release).set(RELEASE_SIGNATURE, flippedAt(bytes, at))).length === 0,
    );
    expect(opened).toEqual([]);
  });

  it('without release keys nothing opens', () => {
    expect(openRelease(release, undefined)).toMatchObject({ ok: false, problems: [{ code: 'NO_TRUST' }] });
  });

  it.each([
    [1, 2],
    [1, 0],
    [0, 3],
    [2, 0],
  ])('an older or unknown Wasm ABI, %i.%i, well signed', async (version, minor) => {
    const wasm = withAbi(packFiles().get('policy.wasm') ?? new Uint8Array(), version, minor);
    expect(refusal(await signed(repacked('policy.wasm', wasm), signer))).toEqual(['POLICY_ABI_TOO_OLD /policy.wasm']);
  });

  it('a module that names no ABI, well signed', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {}); // the SDK prints that the module names no ABI
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    expect(refusal(await signed(repacked('policy.wasm', empty), signer))).toEqual(['POLICY_NOT_LOADED /policy.wasm']);
  });

  it('sources that nobody can read, well signed', async () => {
    const listed = canonicalBytes({ schema: 'sources/v0', files: { 'a.rego': 1 } });
    expect(refusal(await signed(repacked('sources.json', listed), signer))).toEqual([
      'POLICY_NOT_LOADED /sources.json/files/a.rego',
    ]);
  });
});

describe('R35 an auditor builds the pack again from its own sources', () => {
  it('to the same module and the same numbers', async () => {
    const { files } = Sources.parse(JSON.parse(new TextDecoder().decode(packFiles().get('sources.json'))));
    const copy = join(folder, 'sources');
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    const pack = loadPack(packFiles());
    expect(digestOf(await compiled(copy))).toBe(pack.wasm);
    expect(digestOf(canonicalBytes(packData(copy)))).toBe(pack.data);
    expect(Object.keys(files).filter((path) => path.endsWith('_test.rego')).length).toBeGreaterThan(15);
  }, 600_000);
});
