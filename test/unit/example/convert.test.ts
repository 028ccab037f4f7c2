import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { requestIdOf, vaultDigestsOf } from '../../../functions/domain/request.ts';
import { buildAll, EXAMPLE, manifestAt, manifestPaths, SCENARIOS, scenarioOf, textOf } from './support.ts';

const files = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

test('the example is below 5 MB and holds nothing that would have to be executed', () => {
  const total = files.reduce((sum, file) => sum + statSync(file).size, 0);
  expect(total).toBeLessThan(5_000_000);
  // What made the versions is beside them, to be read or run by whoever wants; no version holds a program.
  const versions = files.filter((file) => !file.startsWith(join(EXAMPLE, 'pipeline')));
  expect(versions.filter((file) => /\.(pkl|pickle|joblib|py|so|bin)$/.test(file))).toEqual([]);
  expect(files.filter((file) => /\.(pkl|pickle|joblib|so|bin)$/.test(file))).toEqual([]);
});

test('attribution, licence and statement of changes stand beside the data', () => {
  const readme = textOf('README.md');
  for (const said of ['Hofmann', 'Statlog', 'UCI', 'CC BY 4.0', 'What was changed', 'row_id', 'with replacement', 'labels']) {
    expect(readme).toContain(said);
  }
  expect(textOf('LICENSE-DATA')).toContain('https://creativecommons.org/licenses/by/4.0/');
});

test('fifteen scenarios, each its own line, the first version always v01; none says what the answer is', () => {
  expect(SCENARIOS).toHaveLength(15);
  for (const name of SCENARIOS) {
    expect(scenarioOf(name)).toEqual({ title: expect.any(String), line: `german-credit-${name}` });
    const paths = manifestPaths(name);
    expect(paths[0]).toMatch(/1-v01\.yaml$/);
    for (const path of paths) {
      expect(manifestAt(path)).toMatchObject({ line: `german-credit-${name}`, environment: 'sandbox' });
      expect(textOf(path)).not.toMatch(/automated|reviewer|committee|refused|expected/i);
    }
  }
});

const built = new Map<string, Awaited<ReturnType<typeof buildAll>>>();
beforeAll(async () => {
  for (const name of SCENARIOS) built.set(name, await buildAll(name));
});

test.each(SCENARIOS)(
  'R4a R8b R9 %s: every manifest parses, and every file it names has the digest the request states',
  (name) => {
    const all = built.get(name) ?? [];
    expect(all.map(({ path }) => path)).toEqual(manifestPaths(name));
    for (const { request, blobs } of all.map((each) => each.built)) {
      for (const { digest } of vaultDigestsOf(request)) {
        const blob = blobs.get(digest);
        const bytes = blob?.kind === 'file' ? readFileSync(blob.path) : (blob?.bytes ?? '');
        expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
      }
    }
  },
);

test('the digests are stable: a change of the example is looked at, then recorded with vitest -u', async () => {
  const lines = [...built.values()].flat().map(({ path, built: { request } }) => {
    const [profile] = request.profiles;
    return [path, { id: requestIdOf(request), root: request.model.root, profile, predictions: request.predictions }];
  });
  const golden = join(import.meta.dirname, '../../golden/german-credit/requests.json');
  await expect(`${JSON.stringify(Object.fromEntries(lines), null, 1)}\n`).toMatchFileSnapshot(golden);
});
