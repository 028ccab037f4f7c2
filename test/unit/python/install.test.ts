// `pip install ./python` into an environment that has nothing else, and its use from there.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readYaml } from '../../../cli/manifest.ts';
import { digestOf, hexOf } from '../../../functions/domain/digest.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-install-'));
  // A copy: building it leaves folders beside the sources.
  await cp(join(ROOT, 'python'), join(work, 'python'), { recursive: true });
  await run('python3', ['-m', 'venv', join(work, 'venv')]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', './python'];
  await run(join(work, 'venv/bin/python'), pip, { cwd: work });
}, 180_000);
afterAll(() => rm(work, { recursive: true, force: true }));

it('R64 installs alone: one module, one command, nothing it depends on', async () => {
  const { stdout } = await run(join(work, 'venv/bin/python'), ['-m', 'pip', 'list', '--format=json']);
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  expect(names.filter((name) => !['pip', 'setuptools', 'wheel'].includes(name))).toEqual(['countersign']);
  const { stdout: help } = await run(join(work, 'venv/bin/countersign-py'), ['--help']);
  expect(help).toContain('--manifest');
});

it('R64 imported from anywhere it hashes, and its command writes what a registry keeps beside a version', async () => {
  const script = 'import countersign; print(countersign.hash_file("a")[0], countersign.__file__)';
  await writeFile(join(work, 'a'), 'weights');
  const { stdout } = await run(join(work, 'venv/bin/python'), ['-I', '-c', script], { cwd: work });
  expect(stdout).toContain(digestOf('weights'));
  expect(stdout).toContain('site-packages');

  const read = readYaml(await readFile(join(ROOT, 'examples/minimal/promotion.yaml'), 'utf8'));
  await writeFile(join(work, 'manifest.json'), JSON.stringify(read.ok ? read.value : null));
  await writeFile(join(work, 'baselines.json'), JSON.stringify({ incumbent: null, lastHumanApproved: null }));
  const given = ['--manifest', 'manifest.json', '--baselines', 'baselines.json', '--out', 'out'];
  await run(join(work, 'venv/bin/countersign-py'), [join(ROOT, 'examples/minimal'), ...given], { cwd: work });
  const blobs = await readdir(join(work, 'out/blobs'));
  expect(blobs.length).toBeGreaterThan(3);
  for (const hex of blobs) expect(hexOf(digestOf(await readFile(join(work, 'out/blobs', hex))))).toBe(hex);
  const request = JSON.parse(await readFile(join(work, 'out/request.json'), 'utf8')) as { line: string };
  expect(request.line).toBe('my-line');
  // No server there: it cannot tell, and says so with its own exit code.
  const asked = run(join(work, 'venv/bin/countersign-py'), ['.', '--manifest', 'manifest.json'], {
    cwd: work,
    env: { COUNTERSIGN_SERVER: 'http://127.0.0.1:9', COUNTERSIGN_TOKEN: 'x' },
  });
  await expect(asked).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('cannot tell') });
}, 60_000);
