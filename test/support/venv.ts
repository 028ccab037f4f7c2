// Tools of Python that tests are held against: put once into an environment of their own, outside git.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const say = (line: string) => void process.stderr.write(`${line}\n`);

/** `needs`: the oldest Python it runs on. `takes`: how long the first time lasts, told to who waits. */
export type Venv = {
  readonly name: string;
  readonly requirements: string;
  readonly what: string;
  readonly needs: readonly [number, number];
  readonly takes: string;
};

/** Another list, or another Python, is another environment. */
function folderOf({ name, requirements }: Venv, python: string): string {
  const sum = createHash('sha256').update(readFileSync(requirements)).update(python).digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'countersign', `${name}-${sum}`);
}

const needed = (wanted: string, { what }: Venv, error: unknown): Error => {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const lines = said.split('\n').slice(-3).join(' ');
  return new Error(`the tests need ${wanted}, for ${what}${lines ? `: ${lines}` : ''}`);
};

/** Two test files may make it at once: the first one stands, the second one's is thrown away. */
export function settle(beside: string, folder: string): void {
  try {
    renameSync(beside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

async function made(venv: Venv, folder: string): Promise<void> {
  say(`Installing ${venv.what} once (${venv.takes}) …`);
  // Made beside and renamed, so that what was interrupted never stands under the final name.
  const beside = `${folder}.${process.pid}`;
  mkdirSync(dirname(beside), { recursive: true });
  try {
    await run('python3', ['-m', 'venv', beside]).catch((error: unknown) => {
      throw needed('the module venv of Python (Debian: apt install python3-venv)', venv, error);
    });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', venv.requirements];
    await run(join(beside, 'bin', 'python'), install).catch((error: unknown) => {
      throw needed('pip and a package index that it reaches', venv, error);
    });
    settle(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Path of its Python; without one, or without a package index, it throws and says what is missing. */
export async function pythonOf(venv: Venv): Promise<string> {
  const [major, minor] = venv.needs;
  const ask = `import sys; assert sys.version_info >= (${major}, ${minor}); print(sys.version)`;
  const asked = await run('python3', ['-c', ask]).catch((error: unknown) => {
    throw needed(`the command python3, ${major}.${minor} or newer`, venv, error);
  });
  const folder = folderOf(venv, asked.stdout);
  if (!existsSync(folder)) await made(venv, folder);
  return join(folder, 'bin', 'python');
}
