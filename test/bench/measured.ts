import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const RIVALS = join(import.meta.dirname, 'rivals.py');

export type Measured = { readonly text: string; readonly peak: number; readonly cpu: number };

/** A command as a process of its own: what it printed, its peak memory in KiB, and the seconds of processor it used. */
export function measured(command: readonly string[], python = 'python3'): Measured {
  const out = execFileSync(python, [RIVALS, 'run', ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  const [, peak = '0', cpu = '0'] = /\npeak (\d+) cpu ([\d.]+)\n$/.exec(out) ?? [];
  return { text: out.replace(/\npeak .*\n$/, ''), peak: Number(peak), cpu: Number(cpu) };
}

export const used = (run: Omit<Measured, 'text'> | undefined): string =>
  run ? `${(run.peak / 1024).toFixed(0)} MB peak, ${run.cpu} s of processor` : '-';
