// The verifier page: one file that needs no network and no build where it is used. It is made from the same TypeScript as `verify`,
// so that there is no second verifier that could come to say something else.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import type { Digest } from '../../functions/domain/digest.ts';

const HERE = join(import.meta.dirname, 'browser');
const ROOT = join(import.meta.dirname, '..', '..');

/** `sources`: every file it is made of. */
type Page = { readonly page: string; readonly sources: readonly string[] };

/** `texts`: digests of README and recipe as this version writes them; the page compares with them. */
export async function verifierPage(texts: ReadonlyMap<string, Digest>): Promise<Page> {
  const { script, sources } = await bundled(texts);
  const [styleFile, frameFile] = [join(HERE, 'style.css'), join(HERE, 'page.html')];
  const style = await readFile(styleFile, 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    // The screen is shown in a frame of this page and brings its own style, whose hash its own policy names.
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const frame = await readFile(frameFile, 'utf8');
  const page = frame
    .replace('POLICY', () => policy)
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`);
  return { page, sources: [...sources, styleFile, frameFile] };
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

async function bundled(texts: ReadonlyMap<string, Digest>): Promise<{ script: string; sources: string[] }> {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [join(HERE, 'main.ts')],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    inject: [join(HERE, 'buffer.ts')],
    alias: { 'csv-parse/sync': 'csv-parse/browser/esm/sync' },
    define: { TEXTS: JSON.stringify(Object.fromEntries(texts)) },
    plugins: [forBrowsers],
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('esbuild made no page');
  // Inside an element a closing tag would end it.
  const script = file.text.replaceAll('</script', '<\\/script').trimEnd();
  // A name in brackets is no file, but what `define` put in.
  const inputs = Object.keys(result.metafile.inputs).filter((path) => !path.startsWith('<'));
  return { script, sources: inputs.map((path) => resolve(ROOT, path)) };
}

/** The domain's one file of cryptography by another; and of fifty languages of messages the one that is spoken here. */
const forBrowsers: Plugin = {
  name: 'for-browsers',
  setup: (build) => {
    build.onResolve({ filter: /\/crypto\.ts$/ }, () => ({ path: join(HERE, 'crypto.ts') }));
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};
