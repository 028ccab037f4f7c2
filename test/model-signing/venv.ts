// The reference implementation of OpenSSF Model Signing, as PyPI has it: put once into an environment of its own, outside git.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const say = (line: string) => void process.stderr.write(`${line}\n`);

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** Another list, or another Python, is another environment. */
function folderOf(python: string): string {
  const sum = createHash('sha256').update(readFileSync(REQUIREMENTS)).update(python).digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'countersign', `model-signing-${sum}`);
}

const needed = (what: string, error: unknown): Error => {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const lines = said.split('\n').slice(-3).join(' ');
  return new Error(`the tests need ${what}, for model-signing 1.1.1${lines ? `: ${lines}` : ''}`);
};

async function made(folder: string): Promise<void> {
  say('Installing model-signing 1.1.1 once (some 30 seconds) …');
  // Made beside and renamed, so that what was interrupted never stands under the final name.
  const beside = `${folder}.${process.pid}`;
  mkdirSync(dirname(beside), { recursive: true });
  try {
    await run('python3', ['-m', 'venv', beside]).catch((error: unknown) => {
      throw needed('the module venv of Python (Debian: apt install python3-venv)', error);
    });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS];
    await run(join(beside, 'bin', 'python'), install).catch((error: unknown) => {
      throw needed('pip and a package index that it reaches', error);
    });
    renameSync(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** Path of its Python; without one, or without a package index, it throws and says what is missing. */
export async function modelSigning(): Promise<string> {
  const asked = await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9); print(sys.version)']).catch(
    (error: unknown) => {
      throw needed('the command python3, 3.9 or newer', error);
    },
  );
  const folder = folderOf(asked.stdout);
  if (!existsSync(folder)) await made(folder);
  return join(folder, 'bin', 'python');
}

const Statement = z.object({
  subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })).length(1),
  predicate: z.object({ resources: z.array(z.object({ name: z.string(), algorithm: z.string(), digest: z.string() })) }),
});
export type ModelStatement = z.infer<typeof Statement>;

/** What it would sign over each folder. */
export async function statementsOf(python: string, folders: readonly string[]): Promise<Record<string, ModelStatement>> {
  const { stdout } = await run(python, ['-I', join(import.meta.dirname, 'roots.py'), ...folders], { maxBuffer: 1e8 });
  return z.record(z.string(), Statement).parse(JSON.parse(stdout));
}
