import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { release } from '../../../cli/commands/policy-release.ts';
import { keyIdOf } from '../../../functions/domain/crypto.ts';
import { checkReleaseSignature } from '../../../functions/domain/release.ts';
import { Trust } from '../../../functions/domain/trust.ts';

it('R35 a release is signed by a key of one’s own, without a data folder; a name that is no key makes none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-release-'));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = join(folder, 'release.pem');
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const out = join(folder, 'out');
  const data = join(folder, 'nobody-set-this-up');
  expect(await release({ data, key, out })).toBe(0);

  const [name = ''] = await readdir(out);
  const [manifest, signature] = await Promise.all(
    ['manifest.json', 'release.dsse.json'].map(async (file) => new Uint8Array(await readFile(join(out, name, file)))),
  );
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const trust = Trust.parse({
    ...{ environment: 'policy-releases', class: 'prod', issuers: [], proof: 'index', humanSignature: 'optional' },
    keys: [{ keyid: keyIdOf(spki), spki, class: 'prod', use: ['release'] }],
  });
  expect(checkReleaseSignature(manifest ?? new Uint8Array(), signature, trust, undefined)).toMatchObject({ ok: true });

  const missing = join(folder, 'misspelt.pem');
  await expect(release({ data, key: missing, out })).rejects.toThrow('no key at');
  await expect(release({ data, out })).rejects.toThrow('not a Countersign data folder');
  expect((await readdir(folder)).sort()).toEqual(['out', 'release.pem']);
  await rm(folder, { recursive: true, force: true });
});
