// Quint's simulator, in its TypeScript engine: the Rust one and `quint verify` would fetch programs from the network.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const QUINT = join(import.meta.dirname, '..', '..', 'node_modules', '@informalsystems', 'quint', 'dist', 'src', 'cli.js');

export type Ran = { readonly violated: boolean; readonly said: string };

/** `file` of this folder. Throws when Quint could not do it at all. */
export function quint(file: string, main: string, flags: readonly string[]): Ran {
  const args = ['run', join(import.meta.dirname, file), `--main=${main}`, '--invariant=safe', '--backend=typescript', ...flags];
  const { stdout, stderr } = spawnSync(process.execPath, [QUINT, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const said = `${stdout}${stderr}`;
  const violated = said.includes('[violation]');
  if (!violated && !said.includes('[ok]') && !flags.some((flag) => flag.startsWith('--out-itf')))
    throw new Error(`quint ${main}: ${said}`);
  return { violated, said };
}
