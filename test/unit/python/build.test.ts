// python/countersign.py against the TypeScript builder: the same manifest and folder, the same bytes.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Manifest, readYaml } from '../../../cli/manifest.ts';
import { canonicalBytes } from '../../../functions/domain/canonical.ts';
import { digestOf, hexOf } from '../../../functions/domain/digest.ts';
import { requestIdOf } from '../../../functions/domain/request.ts';
import { baselinesOf, built, EXAMPLE, manifestAt, promote } from '../../support/promote.ts';
import { openWorld, type TestWorld } from '../../support/world.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../../python/countersign.py');

let world: TestWorld;
let work: string;
beforeAll(async () => {
  world = await openWorld();
  work = await mkdtemp(join(tmpdir(), 'countersign-python-'));
  await cp(EXAMPLE, work, { recursive: true });
  // The standard library of Python reads no YAML; JSON says the same.
  for (const version of await readdir(join(work, 'versions'))) {
    const file = join(work, 'versions', version, 'features.yaml');
    const read = readYaml(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify(read.ok ? read.value : null));
  }
});
afterAll(async () => {
  await world?.close();
  await rm(work, { recursive: true, force: true });
});

async function byPython(manifest: Manifest): Promise<{ request: Buffer; blobs: string[] }> {
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
  const baselines = await baselinesOf(world, manifest.line, manifest.environment);
  await writeFile(join(work, 'baselines.json'), JSON.stringify(baselines));
  const out = join(work, 'out');
  await rm(out, { recursive: true, force: true });
  const args = [work, '--manifest', join(work, 'manifest.json'), '--baselines', join(work, 'baselines.json'), '--out', out];
  await run('python3', ['-I', SCRIPT, ...args]);
  const blobs = await readdir(join(out, 'blobs'));
  for (const hex of blobs) expect(hexOf(digestOf(await readFile(join(out, 'blobs', hex))))).toBe(hex);
  return { request: await readFile(join(out, 'request.json')), blobs: blobs.sort() };
}

const SCENARIOS = ['01-in-band-retrain', '05-feature-new-source', '08-population-psi', '11-many-small-steps'];

describe('R64 the request from a training script', () => {
  it.each(SCENARIOS)(
    '%s: every step is byte for byte what `countersign request` sends',
    async (scenario) => {
      const steps = (await readdir(join(EXAMPLE, 'scenarios', scenario))).filter((name) => /^\d-/.test(name)).sort();
      for (const step of steps) {
        const manifest = await manifestAt(`scenarios/${scenario}/${step}`);
        const ours = await built(world, manifest, work);
        const theirs = await byPython(manifest);
        const request = JSON.parse(theirs.request.toString());
        expect(request).toEqual(ours.request);
        expect(requestIdOf(request)).toBe(requestIdOf(ours.request));
        expect(theirs.request.equals(canonicalBytes(ours.request))).toBe(true);
        expect(theirs.blobs).toEqual([...ours.blobs.keys()].map(hexOf).sort());
        await promote(world, manifest, work);
      }
    },
    60_000,
  );

  it('names everything that is wrong at once, and writes nothing', async () => {
    const manifest = await manifestAt('scenarios/12-no-incumbent/1-v01.yaml');
    const { 'weights.json': _, ...roles } = manifest.model.roles;
    const wrong = { ...manifest, terms: 'carry', model: { ...manifest.model, roles }, predictions: '../outside.csv' };
    const refused = byPython(wrong as unknown as Manifest);
    await expect(refused).rejects.toMatchObject({ code: 2 });
    const { stderr } = (await refused.catch((error: unknown) => error)) as { stderr: string };
    expect(
      stderr
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
    ).toEqual(['', '/model/roles/weights.json', '/predictions', '/terms']);
  });
});

describe('numbers as text', () => {
  it('are written as JavaScript writes them, and read as the profile reads them', async () => {
    const values = [
      0,
      5,
      -3,
      0.1,
      1e-5,
      1.5e-6,
      -2.5e-7,
      1e-7,
      1e16,
      1e20,
      123456789012345680000,
      1.5e17,
      1e21,
      1.25e22,
      123456.789,
      2 ** 53,
      0.038067699999999996,
      5e-324,
    ];
    const ask = `import sys, json; sys.path.insert(0, ${JSON.stringify(join(SCRIPT, '..'))}); import countersign as c
print(json.dumps([[c._text(float(v)) for v in json.loads(sys.argv[1])], [c._number(t) == c._number(t) for t in json.loads(sys.argv[2])]]))`;
    const texts = ['1', '+1', '1.', '.5', '.', '', ' 1', '0x10', '1e5', '1e', '1e400', 'nan', 'inf', '1_0', '٣', '-0'];
    const { stdout } = await run('python3', ['-c', ask, JSON.stringify(values), JSON.stringify(texts)]);
    const { decimalOf } = await import('../../../functions/profile/decimal.ts');
    expect(JSON.parse(stdout)).toEqual([values.map(String), texts.map((text) => !Number.isNaN(decimalOf(text)))]);
  });
});
