// Commands as a person runs them: `cli/main.ts` in a process of its own.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export type Ran = { readonly exit: number; readonly out: string; readonly err: string; readonly bytes: Buffer };

const ROOT = join(import.meta.dirname, '..', '..');

/** Nothing of the environment but what a program needs to start, and what the test gives. */
export function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const options = {
    cwd: ROOT,
    encoding: 'buffer' as const,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...env },
  };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(ROOT, script), ...args], options, (error, stdout, stderr) => {
      const exit = error === null ? 0 : error.code;
      if (typeof exit !== 'number') reject(error);
      else resolve({ exit, out: stdout.toString(), err: stderr.toString(), bytes: stdout });
    });
  });
}

export const countersign = (args: readonly string[], env?: Readonly<Record<string, string>>) =>
  run(join('cli', 'main.ts'), args, env);
