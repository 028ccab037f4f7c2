// `npm run build`: the program in a few files under dist/, so that it starts without reading and stripping some hundred sources,
// and the verifier page beside it. `npm install` runs it too. bin.js takes both only while every source is as it was here.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { PAGE } from '../functions/domain/pack/check.ts';
import { makeTools } from './pack/tools.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** What nearly every command needs goes in. The rest stays a package: it is used seldom, or finds its own files by its place. */
const INSIDE = /^(zod|commander|canonicalize|csv-parse|jsonc-parser)(\/|$)/;

const slashed = (path: string): string => path.replaceAll('\\', '/');

/** A source still finds the files beside it and the pack, though its code now stands in dist/; threads are bundled too. */
const asIfInPlace: Plugin = {
  name: 'as-if-in-place',
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path === join(ROOT, 'cli', 'built.ts')) return { contents: 'export const BUILT = true;' };
      const code = await readFile(path, 'utf8');
      if (path.includes('node_modules')) return undefined;
      const from = slashed(relative(DIST, path));
      const contents = code
        // esbuild leaves out what nobody names of a namespace, but not of an export that is one: fifty languages of messages.
        .replaceAll("import { z } from 'zod';", "import * as z from 'zod';")
        .replaceAll("new URL('./worker.ts', import.meta.url)", "new URL('./worker.js', import.meta.url)")
        .replaceAll('import.meta.dirname', `(import.meta.dirname + '/${dirname(from)}')`)
        .replaceAll(/(?<!worker\.js', )\bimport\.meta\.url\b/g, `new URL('${from}', import.meta.url).href`)
        .replaceAll('import.meta.main', 'false');
      return { contents, loader: 'ts' };
    });
  },
};

const packagesOutside: Plugin = {
  name: 'packages-outside',
  setup: (build) => {
    build.onResolve({ filter: /^[^./]/ }, ({ path }) => (INSIDE.test(path) ? undefined : { path, external: true }));
  },
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

/** Undefined where the bundler is not installed, or without the binary of this machine. */
async function bundler(): Promise<typeof import('esbuild') | undefined> {
  try {
    const esbuild = await import('esbuild');
    await esbuild.transform('');
    return esbuild;
  } catch {
    // Whatever keeps it from starting: an install must not fail for want of speed.
    return undefined;
  }
}

async function bundle({ build }: typeof import('esbuild')): Promise<void> {
  // No stamp, no bundle: whoever starts meanwhile runs the sources.
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { main: 'cli/main.ts', worker: 'cli/table/worker.ts' },
    outdir: DIST,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    // One of them is published in two forms, and the older one loads its parts by names that a bundler cannot see.
    mainFields: ['module', 'main'],
    // Another is CommonJS inside; all it asks for comes with Node.
    banner: { js: 'const require = process.getBuiltinModule;' },
    plugins: [packagesOutside, asIfInPlace],
    metafile: true,
    logLevel: 'warning',
  });
  const { files, sources: ofTools } = await makeTools();
  writeFileSync(join(DIST, PAGE), files.get(PAGE) ?? '');
  const used = [...Object.keys(metafile.inputs).map((path) => resolve(ROOT, path)), ...ofTools];
  const more = [join(ROOT, 'package.json'), import.meta.filename];
  const sources = new Set([...used.map((id) => manifestOf(id) ?? id), ...more]);
  writeFileSync(join(DIST, 'stamp.json'), JSON.stringify(stampOf([...sources].sort())));
}

const found = await bundler();
if (found === undefined) process.stderr.write('no bundler runs here: the program starts from its sources, only slower\n');
else await bundle(found);
