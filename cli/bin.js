#!/usr/bin/env node
// Countersign runs TypeScript as it is, which needs Node 24; it comes with `npm install`, so an older outer Node is fine.
// `npm run build` puts the program into dist/. It is used while no source changed since, else the sources are run as they are.
import { existsSync, readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(import.meta.url);
const root = join(here, '..', '..');
const dist = join(root, 'dist');

/** Size and time of each source, as git looks whether a file was touched: cheaper than reading them all. */
function isFresh() {
  try {
    const { sources } = JSON.parse(readFileSync(join(dist, 'stamp.json'), 'utf8'));
    return sources.every(([path, size, changedMs]) => {
      const now = statSync(join(root, path));
      return now.size === size && now.mtimeMs === changedMs;
    });
  } catch {
    // No bundle, half a bundle, or a source that went: all the same, the sources say what runs.
    return false;
  }
}

const own = join(root, 'node_modules', 'node', 'bin', 'node');

if (Number(process.versions.node.split('.')[0]) >= 24 || !existsSync(own)) {
  const main = isFresh() ? join(dist, 'main.js') : join(root, 'cli', 'main.ts');
  nodeModule.enableCompileCache(join(dist, 'cache'));
  const program = await import(pathToFileURL(main).href);
  process.exitCode = await program.main(process.argv.slice(2));
} else {
  const { spawn } = await import('node:child_process');
  const child = spawn(own, [here, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0);
  });
}
