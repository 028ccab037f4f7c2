// `npm run build`: the program in a few files under dist/, so that it starts without reading and stripping some hundred sources.
// `npm install` runs it too. bin.js takes the bundle only while every source is as it was here, so it is never stale.
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** What nearly every command needs goes in. The rest stays a package: it is used seldom, or finds its own files by its place. */
const INSIDE = /^(zod|commander|canonicalize|csv-parse|jsonc-parser|@oxc-project\/runtime)(\/|$)/;

const slashed = (path: string): string => path.replaceAll('\\', '/');

/** A source still finds the files beside it and the pack, though its code now stands in dist/; threads are bundled too. */
const asIfInPlace: Plugin = {
  name: 'as-if-in-place',
  transform(code, id) {
    if (
      !id.startsWith(ROOT) ||
      id.includes('node_modules') ||
      !code.includes('import.meta') ||
      id === join(ROOT, 'cli', 'built.ts')
    )
      return undefined;
    const from = slashed(relative(DIST, id));
    return code
      .replaceAll("new URL('./worker.ts', import.meta.url)", "new URL('./worker.js', import.meta.url)")
      .replaceAll('import.meta.dirname', `(import.meta.dirname + '/${dirname(from)}')`)
      .replaceAll(/(?<!worker\.js', )\bimport\.meta\.url\b/g, `new URL('${from}', import.meta.url).href`)
      .replaceAll('import.meta.main', 'false');
  },
};

const saysBuilt: Plugin = {
  name: 'says-built',
  load: (id) => (id === join(ROOT, 'cli', 'built.ts') ? 'export const BUILT = true;' : undefined),
};

/** Everything the bundle was made of, and what tells that it was touched since. */
type Stamp = { readonly sources: readonly [path: string, size: number, changedMs: number][] };

function stampOf(paths: readonly string[]): Stamp {
  const sources = paths.map((path): [string, number, number] => {
    const { size, mtimeMs } = statSync(path);
    return [slashed(relative(ROOT, path)), size, mtimeMs];
  });
  return { sources };
}

/** Of a package that went in: its version stands there, and an install writes it anew. */
function manifestOf(id: string): string | undefined {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(slashed(id)) ?? [];
  return folder === undefined ? undefined : join(folder, 'package.json');
}

async function bundle(): Promise<void> {
  // No stamp, no bundle: whoever starts meanwhile runs the sources.
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: { main: join(ROOT, 'cli', 'main.ts'), worker: join(ROOT, 'cli', 'table', 'worker.ts') },
    platform: 'node',
    // One of them is published in two forms, and the older one loads its parts by names that a bundler cannot see.
    resolve: { mainFields: ['module', 'main'] },
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !INSIDE.test(id),
    transform: { target: 'node24' },
    plugins: [asIfInPlace, saysBuilt],
  });
  const { output } = await build.write({ dir: DIST, format: 'esm', chunkFileNames: '[name]-[hash].js' });
  const used = output.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : [])).filter((id) => existsSync(id));
  const more = [join(ROOT, 'package.json'), import.meta.filename];
  const sources = new Set([...used.map((id) => manifestOf(id) ?? id), ...more]);
  writeFileSync(join(DIST, 'stamp.json'), JSON.stringify(stampOf([...sources].sort())));
}

try {
  await bundle();
} catch (error) {
  // Installed without the tools of developers: there is no bundler, and the sources run as they are.
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
  process.stderr.write('no bundler is installed: the program starts from its sources, only slower\n');
}
