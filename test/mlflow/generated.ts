// The German-credit example made from the published CSV by Python alone, logged to the real server and promoted from there.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableOf } from '../../examples/german-credit/convert/source.ts';
import { digestOf, hexOf } from '../../functions/domain/digest.ts';
import { EXAMPLE } from '../support/promote.ts';
import { featuresOf } from '../support/registry.ts';
import {
  approvedByPeople,
  type MlflowBench,
  openRequest,
  PLACES,
  python,
  released,
  requestsIn,
  status,
  versionNow,
} from './bench.ts';
import { publishedCsv } from './published.ts';

const PIPELINE = join(EXAMPLE, 'pipeline');
const { model: MODEL, line: LINE } = PLACES.generated;

/** Rows that a draw weighted by the scores of version 1 picks otherwise, since those differ after the third decimal. */
const OTHER_DRAWS: Readonly<Record<string, number>> = { 'current-2026-10-riskier.csv': 2, 'current-step3.csv': 1 };

export function generated(open: () => MlflowBench): void {
  describe('R66 the example from the published rows, in Python alone', () => {
    let out: string;
    beforeAll(async () => {
      out = await mkdtemp(join(tmpdir(), 'countersign-generated-'));
      await python(open(), join(PIPELINE, 'generate.py'), [await publishedCsv(), out]);
    });
    afterAll(() => rm(out, { recursive: true, force: true }));

    const both = async (path: string) => [await readFile(join(out, path)), await readFile(join(EXAMPLE, path))] as const;
    const tables = async (path: string) => (await both(path)).map((bytes) => tableOf(bytes.toString()).rows);

    it('slices, preprocessors and feature lists are those of the example, byte for byte', async () => {
      const slices = (await readdir(join(out, 'data/slices'))).map((name) => `data/slices/${name}`);
      const versions = await readdir(join(out, 'versions'));
      expect([slices.length, versions.length]).toEqual([7, 12]);
      for (const path of [...slices, ...versions.map((version) => `versions/${version}/model/preprocessor.json`)]) {
        const [ours, theirs] = await both(path);
        expect(digestOf(ours), path).toBe(digestOf(theirs));
      }
      for (const version of versions) {
        const features = JSON.parse(await readFile(join(out, 'versions', version, 'features.json'), 'utf8')) as unknown;
        expect(features).toEqual(await featuresOf(version));
      }
    });

    it('populations hold the same rows, but for those that were drawn by scores; scores differ by at most 0.01', async () => {
      for (const name of await readdir(join(out, 'data/populations'))) {
        const [ours = [], theirs = []] = await tables(`data/populations/${name}`);
        expect(ours.length).toBe(theirs.length);
        const other = ours.filter((row, i) => row['row_id'] !== theirs[i]?.['row_id']).length;
        expect([name, other]).toEqual([name, OTHER_DRAWS[name] ?? 0]);
      }
      let most = 0;
      for (const name of await readdir(join(out, 'data/predictions'))) {
        const [ours = [], theirs = []] = await tables(`data/predictions/${name}`);
        for (const [i, row] of ours.entries())
          most = Math.max(most, Math.abs(Number(row['candidate']) - Number(theirs[i]?.['candidate'])));
      }
      expect(most).toBeLessThan(0.01);
      // Another way to fit: were they equal, the README would say too little.
      expect(most).toBeGreaterThan(0);
    });

    it('once more is the same bytes', async () => {
      const again = await mkdtemp(join(tmpdir(), 'countersign-generated-'));
      await python(open(), join(PIPELINE, 'generate.py'), [await publishedCsv(), again]);
      expect(await digestsIn(again)).toEqual(await digestsIn(out));
      await rm(again, { recursive: true, force: true });
    });

    it('R24 version 1 is announced by its pipeline and goes to the committee; version 2 goes by itself', async () => {
      const bench = open();
      const log = (version: string) =>
        python(bench, join(PIPELINE, 'log.py'), [out, '--model', MODEL, '--version', version, '--line', LINE]);
      const before = await requestsIn(bench);
      expect(await log('v01')).toBe('v01 1\n');
      const id = await openRequest(bench, before);
      await approvedByPeople(bench, id, `${MODEL} 1`);
      expect(await released(bench, MODEL, '1')).toMatchObject({
        aliases: ['champion'],
        tags: { 'countersign.outcome': 'approved', 'countersign.path': 'committee' },
      });
      expect((await status(bench, id)).outcome).toBe('approved');
      expect(await log('v02')).toBe('v02 2\n');
      expect(await released(bench, MODEL, '2')).toMatchObject({
        aliases: ['champion'],
        tags: { 'countersign.outcome': 'approved', 'countersign.path': 'automated' },
      });
    }, 120_000);

    it('the other versions are logged as a bank logs them, and ask for nothing', async () => {
      const bench = open();
      const rest = (await readdir(join(out, 'versions'))).sort().slice(2);
      const versions = rest.flatMap((version) => ['--version', version]);
      const said = await python(bench, join(PIPELINE, 'log.py'), [out, '--model', MODEL, ...versions]);
      expect(said.trim().split('\n')).toEqual(rest.map((version, i) => `${version} ${i + 3}`));
      expect(await versionNow(bench, MODEL, '12')).toEqual({ tags: {}, aliases: [] });
      const { model_version } = (await bench.mlflow.api('GET', `/model-versions/get?name=${MODEL}&version=12`)) as {
        model_version: { run_id: string };
      };
      const { run } = (await bench.mlflow.api('GET', `/runs/get?run_id=${model_version.run_id}`)) as {
        run: { inputs: { dataset_inputs: { dataset: { name: string; digest: string } }[] } };
      };
      const logged = run.inputs.dataset_inputs.map(({ dataset: { name, digest } }) => ({ name, digest }));
      for (const { name, digest } of logged)
        expect(hexOf(digestOf(await readFile(join(EXAMPLE, `data/slices/${name}.csv`)))).startsWith(digest), name).toBe(true);
      expect(logged.map(({ name }) => name).sort()).toEqual(['evaluation-2026-q3', 'train-2026-10-roll60']);
    }, 120_000);
  });
}

async function digestsIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const pairs = files.sort().map(async (file) => [relative(folder, file), digestOf(await readFile(file))] as const);
  return new Map(await Promise.all(pairs));
}
