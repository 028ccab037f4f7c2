// `npm run check`: format and lint, types, cycles, dead code. Fast; the first failure of each is enough to go on with.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '..', 'node_modules', '.bin');

const STEPS: readonly (readonly [what: string, command: string, ...args: string[]])[] = [
  ['format and lint', 'biome', 'check', '--error-on-warnings', '.'],
  ['types', 'tsc'],
  ['types of the verifier page', 'tsc', '-p', 'cli/pack/browser'],
  ['import cycles', 'oxlint', '--import-plugin', '-A', 'all', '-D', 'import/no-cycle', 'functions', 'cli', 'policies'],
  ['dead code', 'knip'],
];

/** Answers what failed. */
export function check(): string[] {
  const failed: string[] = [];
  for (const [what, command, ...args] of STEPS) {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(join(BIN, command), args, {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    const ok = status === 0;
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${what} (${Math.round(performance.now() - started)} ms)\n`);
    if (ok) continue;
    failed.push(what);
    process.stdout.write(`${stdout}${stderr}\n`);
  }
  return failed;
}

if (import.meta.main) process.exitCode = check().length > 0 ? 1 : 0;
