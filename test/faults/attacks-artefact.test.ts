// Attacks that once went automated, because nobody looked at the files: each is the in-band retrain of the example, word for
// word, with one thing about its files that nobody stated.
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../cli/manifest.ts';
import { canonicalBytes } from '../../functions/domain/canonical.ts';
import { receive } from '../../functions/intake/intake.ts';
import { readRouting } from '../../functions/steps/route.ts';
import { announce, built, dossierOf, EXAMPLE, manifestAt, promote, upload } from '../support/promote.ts';
import { openWorld, PIPELINE, type TestWorld } from '../support/world.ts';

let world: TestWorld;
let root: string;
beforeEach(async () => {
  world = await openWorld();
  root = await mkdtemp(join(tmpdir(), 'countersign-attack-'));
  await cp(EXAMPLE, root, { recursive: true });
  await promote(world, await manifestAt('scenarios/01-in-band-retrain/1-v01.yaml'));
});
afterEach(async () => {
  world.close();
  await rm(root, { recursive: true });
});

type Edit = (manifest: Manifest) => Manifest | Promise<Manifest>;
const model = (edit: (model: Manifest['model']) => Partial<Manifest['model']>): Edit => {
  return (manifest) => ({ ...manifest, model: { ...manifest.model, ...edit(manifest.model) } });
};
const file = (manifest: Manifest, name: string) => join(root, manifest.model.folder, name);

/** Who is asked, and for what, when the retrain comes with this edit. */
async function asked(edit: Edit) {
  const manifest = await edit(await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml'));
  const { request, blobs } = await built(world, manifest, root);
  await upload(world, blobs);
  const dossier = await dossierOf(world, await announce(world, request));
  expect(dossier.decision?.reasons ?? []).toEqual([]);
  const { path, findings } = await readRouting(world, dossier);
  const deciding = findings.filter(({ minPath }) => minPath !== 'automated');
  return { path, codes: [...new Set(deciding.map(({ code }) => code))].sort(), observed: deciding.map((one) => one.observed) };
}

describe('R31 R32a a model that is not what it is said to be', () => {
  it('R32 the control: the retrain as it is goes automated, its weights and preprocessor refitted', async () => {
    expect(await asked((manifest) => manifest)).toEqual({ path: 'automated', codes: [], observed: [] });
  });

  it('R4a R31 another threshold in config.json, and every statement as before', async () => {
    const edit: Edit = async (manifest) => {
      const text = await readFile(file(manifest, 'config.json'), 'utf8');
      await writeFile(file(manifest, 'config.json'), text.replaceAll('0.50', '0.90'));
      return manifest;
    };
    expect(await asked(edit)).toEqual({ path: 'reviewer', codes: ['ART-006'], observed: ['config.json'] });
  });

  it('R32a another library under the same words', async () => {
    const { path, codes } = await asked(model(() => ({ library: 'home-made 0.0.1' })));
    expect({ path, codes }).toEqual({ path: 'reviewer', codes: ['ART-001'] });
  });

  it('R31 another model under the line', async () => {
    const { path, codes } = await asked(model(() => ({ name: 'somebody-elses-pd' })));
    expect({ path, codes }).toEqual({ path: 'reviewer', codes: ['ART-002'] });
  });

  it('R4a R31 config and preprocessor change places, so that a config may change with every retrain', async () => {
    const swapped = model(({ roles }) => ({
      roles: { ...roles, 'config.json': 'preprocessor', 'preprocessor.json': 'config' },
    }));
    const { path, codes } = await asked(swapped);
    expect({ path, codes }).toEqual({ path: 'reviewer', codes: ['ART-005', 'ART-006'] });
  });

  it('R4a R31 one file more, one under another name', async () => {
    const added: Edit = async (manifest) => {
      await writeFile(file(manifest, 'lookup.bin'), 'overrides');
      return model(({ roles }) => ({ roles: { ...roles, 'lookup.bin': 'other' } }))(manifest);
    };
    expect(await asked(added)).toEqual({ path: 'reviewer', codes: ['ART-003'], observed: ['lookup.bin'] });
    const renamed: Edit = async (manifest) => {
      await rm(file(manifest, 'lookup.bin'));
      await rename(file(manifest, 'config.json'), file(manifest, 'config-2.json'));
      return model(({ roles: { 'config.json': _, ...roles } }) => ({ roles: { ...roles, 'config-2.json': 'config' } }))(
        manifest,
      );
    };
    const { path, codes } = await asked(renamed);
    expect({ path, codes }).toEqual({ path: 'reviewer', codes: ['ART-003', 'ART-004'] });
  });

  it('R31 R32a scores copied from the incumbent, under other weights', async () => {
    const copied: Edit = async (manifest) => {
      const path = join(root, manifest.predictions ?? '');
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      const rows = lines.map((line, i) => {
        const [id, label, candidate, incumbent, ...rest] = line.split(',');
        return [id, label, i === 0 ? candidate : incumbent, incumbent, ...rest].join(',');
      });
      await writeFile(path, `${rows.join('\n')}\n`);
      return manifest;
    };
    expect(await asked(copied)).toEqual({ path: 'committee', codes: ['POL-002'], observed: ['scores-not-of-these-weights'] });
  });
});

describe('R4a paths that look like others', () => {
  const answers = async (...paths: string[]) => {
    const { request } = await built(world, await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml'), root);
    const files = request.model.files.map((one, i) => ({ ...one, path: paths[i] ?? one.path }));
    const accepted = await receive(world, canonicalBytes({ ...request, model: { ...request.model, files } }), PIPELINE);
    return accepted.ok ? [] : accepted.problems.map(({ code, pointer, detail }) => `${code} ${pointer} ${detail}`);
  };

  it.each([
    ['letters in two characters', 'cafe\u0301.json', 'INVALID_VALUE /model/files/0/path', 'normal form C'],
    ['a control character', 'config\u0007.json', 'INVALID_VALUE /model/files/0/path', 'U+0007'],
    ['a line break', 'config\n.json', 'INVALID_VALUE /model/files/0/path', 'U+000A'],
    ['text turned round', 'config\u202enosj.json', 'INVALID_VALUE /model/files/0/path', 'U+202E'],
    ['a space of no width', 'config\u200b.json', 'INVALID_VALUE /model/files/0/path', 'U+200B'],
    ['private use', 'config\ue000.json', 'INVALID_VALUE /model/files/0/path', 'U+E000'],
  ])('R4a %s is invalid, with its place and its name in words', async (_, path, where, what) => {
    const [problem = '', ...rest] = await answers(path);
    expect(rest).toEqual([]);
    expect(problem).toContain(where);
    expect(problem).toContain(what);
  });

  it.each([
    ['capitals', 'model/Config.json', 'model/config.json'],
    ['a long s and an s', 'model/\u017fcale.json', 'model/scale.json'],
    ['ß and ss', 'stra\u00dfe.json', 'STRASSE.json'],
  ])('R4a twins by %s are invalid, named at the second', async (_, first, second) => {
    const problems = await answers(first, second);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('INVALID_VALUE /model/files/1/path');
  });

  it('R4a the manifest builder says it before anything is sent', async () => {
    const manifest = await manifestAt('scenarios/01-in-band-retrain/2-v02.yaml');
    await writeFile(file(manifest, 'Config.json'), '{}');
    const roles = { ...manifest.model.roles, 'Config.json': 'config' as const };
    await expect(built(world, { ...manifest, model: { ...manifest.model, roles } }, root)).rejects.toThrow(
      'are one file where capitals do not count',
    );
  });
});
