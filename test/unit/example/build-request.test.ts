import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildRequest } from '../../../cli/build-request.ts';
import { type Manifest, NO_BASELINES, parseManifest } from '../../../cli/manifest.ts';
import { profileFile } from '../../../cli/profile.ts';
import { digestOf } from '../../../functions/domain/digest.ts';
import { omsRootOf } from '../../../functions/domain/oms.ts';
import type { Result } from '../../../functions/domain/result.ts';
import { baselineOf, build, buildAll, EXAMPLE, manifestAt, textOf, unwrap } from './support.ts';

const FIRST = 'scenarios/01-in-band-retrain/1-v01.yaml';
const SECOND = 'scenarios/01-in-band-retrain/2-v02.yaml';
const pointers = (result: Result<unknown>) =>
  result.ok ? [] : result.problems.map(({ code, pointer }) => `${code} ${pointer}`);
const baselines = async () => {
  const incumbent = baselineOf(unwrap(await build(manifestAt(FIRST))));
  return { incumbent, lastHumanApproved: incumbent };
};

describe('the manifest', () => {
  test('names all that is wrong at once, each with its pointer', () => {
    const text = textOf(SECOND)
      .replace('environment: sandbox', 'environment: Sand Box\ncolour: red')
      .replace('version: "2"', 'version: 2')
      .replace('file: data/slices/validation', 'file: ../slices/validation')
      .replace('terms: carry', 'terms:\n  bands:\n    - metric: auc\n      maxWorse: 0.02\n  families: {}')
      .replace('kind: shap', 'kind: magic');
    expect(pointers(parseManifest(text)).sort()).toEqual(
      [
        'INVALID_VALUE /environment',
        'UNKNOWN_KEY /colour',
        'INVALID_VALUE /model/version',
        'INVALID_VALUE /dataset/1/file',
        'INVALID_VALUE /terms/bands/0/maxWorse',
        'INVALID_VALUE /explanation/0/kind',
      ].sort(),
    );
  });

  test('a key that stands twice is refused, not overwritten', () => {
    expect(pointers(parseManifest(`${textOf(SECOND)}\nline: other\n`))).toEqual(['JSON_DUPLICATE_KEY ']);
  });

  test('JSON is as good as YAML', () => {
    const manifest = manifestAt(SECOND);
    expect(unwrap(parseManifest(JSON.stringify(manifest)))).toEqual(manifest);
  });

  test('a slice is a file or a digest with rows and locator', () => {
    const manifest = manifestAt(SECOND);
    const [train, ...rest] = manifest.dataset;
    const { file: _, ...bare } = train ?? {};
    const elsewhere = { ...bare, digest: digestOf('rows') };
    expect(pointers(parseManifest(JSON.stringify({ ...manifest, dataset: [{ ...train, ...elsewhere }, ...rest] })))).toEqual([
      'INVALID_VALUE /dataset/0',
      'INVALID_VALUE /dataset/0',
    ]);
    const locator = { system: 'warehouse', uri: 'credit.train', immutableId: '17' };
    const whole = JSON.stringify({ ...manifest, dataset: [{ ...elsewhere, rows: 450, locator }, ...rest] });
    expect(pointers(parseManifest(whole))).toEqual([]);
  });
});

describe('the request', () => {
  test('R4 R4a R5 R9 R44: roots, slices, baselines and carried terms are worked out', async () => {
    const sealed = await baselines();
    const { request, blobs } = unwrap(await build(manifestAt(SECOND), sealed));
    expect(request.comparedWith).toEqual({ incumbent: sealed.incumbent.event, lastHumanApproved: sealed.incumbent.event });
    expect(request.challenger.against).toEqual({
      kind: 'incumbent',
      event: sealed.incumbent.event,
      root: sealed.incumbent.modelRoot,
    });
    expect(request.model.root).toBe(omsRootOf(request.model.files));
    expect(request.model.files.map(({ role }) => role).sort()).toEqual(['config', 'preprocessor', 'weights']);
    expect(request.dataset.map(({ role, rows }) => [role, rows])).toEqual([
      ['train', 450],
      ['validation', 100],
      ['evaluation', 300],
      ['scoring', 450],
    ]);
    expect(request.terms).toEqual({ ...sealed.incumbent.terms, carriedFrom: sealed.incumbent.event });
    expect(request.explanation[0]?.slice).toBe(request.evaluationRegime.slice);
    // Training rows stay where they are.
    const train = request.dataset.find(({ role }) => role === 'train');
    expect(train && blobs.has(train.digest)).toBe(false);
  });

  test('a carried family of a known feature is the sealed one; a new feature brings its own', async () => {
    const sealed = await baselines();
    const manifest = manifestAt('scenarios/05-feature-new-source/2-v06.yaml');
    const { request } = unwrap(await build({ ...manifest, line: 'other' }, sealed));
    expect(request.terms.families).toEqual({ ...sealed.incumbent.terms.families, property: 'collateral' });
  });

  test('R32 a refit keeps the digest of a transform, another encoder changes it', async () => {
    const [first, second] = await buildAll('01-in-band-retrain');
    const digests = (built: typeof first) => built?.built.request.features.map(({ transformDigest }) => transformDigest);
    expect(digests(second)).toEqual(digests(first));
  });

  test('R8b an explanation of another slice is stated as it is, not mended', async () => {
    const [, second] = await buildAll('13-explanation-other-slice');
    const request = second?.built.request;
    expect(request?.explanation[0]?.slice).toBe(digestOf(textOf('data/slices/train-2026-07.csv')));
    expect(request?.explanation[0]?.slice).not.toBe(request?.evaluationRegime.slice);
  });

  test('progress is told while files are hashed', async () => {
    const seen = new Map<string, number>();
    await buildRequest(EXAMPLE, manifestAt(FIRST), NO_BASELINES, (file, done, size) => seen.set(file, done / size));
    expect(seen.get('data/slices/evaluation-2026-q3.csv')).toBe(1);
    expect(seen.get('versions/v01/model/weights.json')).toBe(1);
  });

  test('what does not fit is named, all at once', async () => {
    const manifest = manifestAt(SECOND);
    const [slice] = manifest.dataset;
    const broken: Manifest = {
      ...manifest,
      model: { ...manifest.model, roles: { 'weights.json': 'weights', 'gone.json': 'config' } },
      dataset: [...manifest.dataset.slice(1), { ...(slice ?? manifest.dataset[0]), derivedFrom: 'nowhere' } as never],
      predictions: 'data/none.csv',
      population: { file: 'data/populations/current-step1.csv', segments: ['planet'], scores: { score_v01: 'incumbent' } },
    };
    expect(pointers(await build(broken)).sort()).toEqual(
      [
        'BYTES_MISSING /model/roles/gone.json',
        'MISSING_KEY /model/roles/config.json',
        'MISSING_KEY /model/roles/preprocessor.json',
        'INVALID_VALUE /dataset/3/derivedFrom',
        'BYTES_MISSING /predictions',
        'PROFILE_MISMATCH /population/file',
        'INVALID_VALUE /population/scores/score_v01',
        'MISSING_KEY /population/columns/planet',
        'INVALID_VALUE /challenger/against',
        'INVALID_VALUE /terms',
      ].sort(),
    );
  });

  test('a first version is compared with a named baseline, a later one with the incumbent', async () => {
    expect(pointers(await build(manifestAt(FIRST), await baselines()))).toEqual(['INVALID_VALUE /challenger/against']);
  });
});

describe('on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a link in the model folder is refused: it could be re-pointed after hashing', async () => {
    cpSync(EXAMPLE, folder, { recursive: true });
    symlinkSync('weights.json', join(folder, 'versions/v01/model/alias.json'));
    const built = await buildRequest(folder, manifestAt(FIRST), NO_BASELINES, () => {});
    expect(pointers(built)).toEqual(['INVALID_VALUE /model/folder']);
    rmSync(join(folder, 'versions/v01/model/alias.json'));
  });

  test('R9 a file that lies elsewhere is refused, whichever part of its path is the link', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'countersign-elsewhere-'));
    for (const part of ['data', 'versions']) {
      renameSync(join(folder, part), join(elsewhere, part));
      symlinkSync(join(elsewhere, part), join(folder, part));
      const built = await buildRequest(folder, manifestAt(FIRST), NO_BASELINES, () => {});
      expect(pointers(built)).toContain(part === 'data' ? 'BYTES_MISSING /dataset/0/file' : 'BYTES_MISSING /model/folder');
      expect(built.ok ? '' : JSON.stringify(built.problems)).toContain(
        part === 'data' ? 'lies outside the folder' : 'no such folder in this one',
      );
      rmSync(join(folder, part));
      renameSync(join(elsewhere, part), join(folder, part));
    }
    const pipe = join(folder, 'versions/v01/features.yaml');
    rmSync(pipe);
    execFileSync('mkfifo', [pipe]);
    const built = await buildRequest(folder, manifestAt(FIRST), NO_BASELINES, () => {});
    expect(built.ok ? '' : JSON.stringify(built.problems)).toContain('is not a plain file');
    rmSync(pipe);
    cpSync(join(EXAMPLE, 'versions/v01/features.yaml'), pipe);
    rmSync(elsewhere, { recursive: true });
  });

  test('countersign profile: the same counts as the request, and a request takes the file it wrote', async () => {
    const sealed = await baselines();
    const manifest = manifestAt(SECOND);
    const { request } = unwrap(await build(manifest, sealed));
    const blob = sealed.incumbent.profile;
    writeFileSync(join(folder, 'baseline.json'), JSON.stringify(blob?.body));
    const profiled = unwrap(
      await profileFile(
        join(EXAMPLE, 'data/populations/current-2026-10.csv'),
        {
          columns: request.features.map(({ name }) => name),
          segments: ['age_band', 'sex_as_labelled', 'foreign_worker'],
          scores: [`score_v02=${request.model.root}`, `score_v01=${sealed.incumbent.modelRoot}`],
          baselines: [join(folder, 'baseline.json')],
        },
        () => {},
      ),
    );
    expect(profiled.table).toContain('score_v01');
    expect(profiled.table).toMatch(/^score_v01 +score +10 +0 +0\.018525 \(99 %: 0\.087539\)$/m);
    writeFileSync(join(folder, 'profile.json'), profiled.bytes);
    const again = await buildRequest(folder, { ...manifest, population: { profile: 'profile.json' } }, sealed, () => {});
    expect(unwrap(again).request.profiles).toEqual([profiled.digest]);
  });

  test('countersign profile: wrong flags are named', async () => {
    const flags = { segments: [], scores: ['score_v01'], slice: 'https://example.org', baselines: ['/nowhere.json'] };
    const result = await profileFile(join(EXAMPLE, 'data/populations/current-2026-10.csv'), flags, () => {});
    expect(pointers(result)).toEqual(['LINK_IS_NOT_EVIDENCE ', 'INVALID_VALUE ', 'NOT_FOUND ']);
  });
});
